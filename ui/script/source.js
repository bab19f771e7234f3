() => {
  // The source view: what carries data-yj-source, data-yj-start and data-yj-end opens the original at that span.
  const connect = (panel) => {
    document.body.append(panel); // out of the layout of the page: no ancestor can clip or move it
    const body = panel.querySelector(".yj-source-body");
    const said = panel.querySelector(".yj-source-said");
    const place = panel.querySelector(".yj-source-place");
    const button = (name) => panel.querySelector(`[data-do="${name}"]`);
    const narrow = window.matchMedia("(max-width: 1099.98px)");
    const small = window.matchMedia("(max-width: 480px)");
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
    const CITING = "[data-yj-source][data-yj-start][data-yj-end]";

    let current = null; // the citation that is shown: { source, start, end, turn }
    let opener = null; // where the focus goes back to
    let request = null; // the newest one; the answer to any other is stale
    let shown = ""; // source and window of the text that is in the panel

    const words = (name, values = {}) =>
      panel.dataset[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

    const citationOf = (element) => ({
      source: element.dataset.yjSource,
      start: Number(element.dataset.yjStart),
      end: Number(element.dataset.yjEnd),
      turn: element.closest(".yj-turn")?.id ?? "",
    });
    const same = (one, other) => one.source === other.source && one.start === other.start && one.end === other.end;
    const markerOf = (element) => {
      const badge = element.matches("a.yj-marker") ? element : element.closest(".yj-card")?.querySelector(".yj-number");
      const told = element.dataset.yjMarker ?? /^\[(\d+)\]$/.exec(badge?.textContent.trim() ?? "")?.[1];
      return told === undefined ? Infinity : Number(told);
    };

    // The page is drawn anew while an answer streams, so its citations are looked up when they are needed.
    const citingElements = () => {
      const turn = current?.turn && document.getElementById(current.turn);
      return [...(turn || document).querySelectorAll(CITING)].filter((element) => !panel.contains(element));
    };
    const citations = () => {
      const found = [];
      for (const element of citingElements()) {
        const known = found.find((one) => same(one, citationOf(element)));
        if (known) known.marker = Math.min(known.marker, markerOf(element));
        else found.push({ ...citationOf(element), marker: markerOf(element) });
      }
      const numbered = found.filter((one) => one.marker < Infinity || (current && same(one, current)));
      return (numbered.some((one) => one.marker < Infinity) ? numbered : found).sort((a, b) =>
        a.marker === b.marker ? 0 : a.marker - b.marker,
      );
    };

    const tellPlace = () => {
      const all = citations();
      const at = all.findIndex((one) => same(one, current));
      const several = at >= 0 && all.length > 1;
      place.textContent = several ? `${at + 1} / ${all.length}` : "";
      place.dataset.said = several ? words("place", { n: at + 1, total: all.length }) : "";
      // Not `disabled`: the focus would be lost with the last step.
      button("previous").setAttribute("aria-disabled", String(at <= 0));
      button("next").setAttribute("aria-disabled", String(at < 0 || at >= all.length - 1));
    };

    const text = () => body.querySelector(".yj-source-text");
    const goTo = (element, { smooth = false, middle = true } = {}) => {
      const area = text();
      if (!area || !element) return;
      if (!element.getClientRects().length && element.closest(".yj-source-noise")) setRaw(true);
      const [outer, inner] = [area.getBoundingClientRect(), element.getBoundingClientRect()];
      const room = middle ? Math.max(16, (area.clientHeight - inner.height) / 2) : 16;
      const top = area.scrollTop + inner.top - outer.top - room;
      const near = Math.abs(top - area.scrollTop) < 3 * area.clientHeight;
      const inSight = inner.right <= outer.right && inner.left >= outer.left; // of a wide sheet not all is
      const left = inSight ? area.scrollLeft : area.scrollLeft + inner.left - outer.left - area.clientWidth / 3;
      area.scrollTo({ top, left, behavior: smooth && near && !calm.matches ? "smooth" : "instant" });
      element.focus({ preventScroll: true });
    };
    const mark = () => body.querySelector("#yj-source-mark");

    const setRaw = (on) => {
      panel.classList.toggle("raw", on);
      button("raw").setAttribute("aria-pressed", String(on));
    };
    const setOutline = (on) => {
      panel.classList.toggle("outlined", on);
      button("outline").setAttribute("aria-pressed", String(on));
      const [nav, here] = [body.querySelector("nav"), body.querySelector("nav [aria-current]")];
      if (!on || !here) return;
      const below = here.getBoundingClientRect().top - nav.getBoundingClientRect().top;
      nav.scrollTop += below - nav.clientHeight / 3;
    };

    const showError = (message) => {
      shown = "";
      const told = document.createElement("p");
      told.className = "yj-source-error";
      told.setAttribute("role", "alert");
      told.textContent = message;
      body.replaceChildren(told);
    };

    const fetchText = async (address, signal) => {
      let answer;
      let received;
      try {
        answer = await fetch(address, { signal, headers: { accept: "application/json" } });
        received = await answer.json();
      } catch (error) {
        if (signal.aborted) throw error;
        return { error: words("failed") };
      }
      return answer.ok && received.html ? received : { error: String(received.error ?? words("failed")) };
    };

    // Loads a window of the current citation's document, then leads to where `then` says.
    const load = async (then, windowStart) => {
      request?.abort();
      const mine = (request = new AbortController());
      const address = new URL("../source", location.href);
      const { source, start, end } = current;
      const asked = { document: source, start, end, lang: panel.dataset.lang };
      if (windowStart !== undefined) asked.window = windowStart;
      address.search = new URLSearchParams(asked);
      panel.setAttribute("aria-busy", "true");
      said.textContent = words("loading");
      let received;
      try {
        received = await fetchText(address, mine.signal);
      } catch {
        return; // stale: another one was asked for, or the panel was closed
      }
      if (mine !== request) return;
      request = null;
      panel.removeAttribute("aria-busy");
      said.textContent = "";
      if (received.error) return void showError(received.error);
      const before = text()?.scrollTop ?? 0;
      body.innerHTML = received.html; // escaped by the server
      const now = `${source} ${text().dataset.first}`;
      const stayed = now === shown;
      shown = now;
      if (stayed) text().scrollTop = before;
      setOutline(panel.classList.contains("outlined") && !narrow.matches);
      said.textContent = [words("opened", { title: received.title }), place.dataset.said].filter(Boolean).join(" ");
      then(stayed);
    };

    const toMark = (stayed) => {
      if (mark()) goTo(mark(), { smooth: stayed });
      else text().focus({ preventScroll: true });
    };

    // Beside the page, or over it; what it covers must not be reached by the keyboard.
    const settle = () => {
      const [open, covered] = [!panel.hidden, !panel.hidden && narrow.matches];
      panel.classList.toggle("beside", !narrow.matches);
      panel.classList.toggle("cover", narrow.matches);
      panel.classList.toggle("small", small.matches);
      document.body.classList.toggle("yj-source-open", open);
      document.body.classList.toggle("yj-source-beside", open && !narrow.matches);
      document.body.classList.toggle("yj-source-cover", covered);
      for (const other of document.body.children) {
        if (other !== panel && (covered || other.dataset.yjCovered)) {
          other.inert = covered;
          if (covered) other.dataset.yjCovered = "1";
          else delete other.dataset.yjCovered;
        }
      }
    };
    for (const size of [narrow, small]) size.addEventListener("change", settle);

    // What is open here is told on the page too, again whenever that is drawn anew.
    const tellOnPage = () => {
      if (!current) return;
      for (const element of document.querySelectorAll(CITING)) {
        element.toggleAttribute("data-yj-shown", same(citationOf(element), current));
      }
      tellPlace();
    };
    const drawn = new MutationObserver((changes) => {
      if (changes.some((change) => !panel.contains(change.target))) tellOnPage();
    });

    const show = (citation) => {
      current = citation;
      if (panel.hidden) {
        opener = document.activeElement;
        panel.hidden = false;
        setOutline(!narrow.matches);
        settle();
        button("close").focus({ preventScroll: true });
      }
      tellOnPage();
      drawn.observe(document.body, { childList: true, subtree: true });
      load(toMark);
    };

    const close = () => {
      request?.abort();
      request = null;
      drawn.disconnect();
      panel.hidden = true;
      panel.removeAttribute("aria-busy");
      settle();
      const again = citingElements().find((element) => same(citationOf(element), current));
      const known = opener?.isConnected && opener !== document.body ? opener : again;
      (known ?? document.querySelector("#yj-question textarea"))?.focus();
      for (const element of document.querySelectorAll("[data-yj-shown]")) element.removeAttribute("data-yj-shown");
      body.replaceChildren();
      said.textContent = shown = "";
      current = opener = null;
    };

    const step = (by) => {
      const all = citations();
      const next = all[all.findIndex((one) => same(one, current)) + by];
      if (next) show(next);
    };

    const toHeading = (offset) => {
      const heading = document.getElementById(`yj-source-at-${offset}`);
      if (narrow.matches) setOutline(false); // it covers the text there
      if (heading) goTo(heading, { smooth: true, middle: false });
      else load(() => goTo(document.getElementById(`yj-source-at-${offset}`), { middle: false }), offset);
    };
    const toWindow = ({ window: windowStart, edge }) =>
      load(() => {
        const area = text();
        area.scrollTop = edge === "earlier" ? area.scrollHeight : 0;
        area.focus({ preventScroll: true });
      }, windowStart);

    const actions = {
      previous: () => step(-1),
      next: () => step(1),
      close,
      outline: () => setOutline(!panel.classList.contains("outlined")),
      raw: () => {
        const area = text();
        const seen = mark()?.getBoundingClientRect().top;
        setRaw(!panel.classList.contains("raw"));
        // The mark stays where it was on the screen.
        if (area && seen !== undefined) area.scrollTop += mark().getBoundingClientRect().top - seen;
      },
    };
    panel.addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      if (!pressed) return;
      const { do: action, offset, window: windowStart, back } = pressed.dataset;
      if (action) {
        if (pressed.getAttribute("aria-disabled") !== "true") actions[action]();
      } else if (offset !== undefined) toHeading(offset);
      else if (windowStart !== undefined) toWindow(pressed.dataset);
      else if (back !== undefined) load(toMark);
    });

    // What a click or Enter means: nothing where a control of its own was meant, or text was being selected.
    const meant = (event) => {
      const element = event.target.closest?.(CITING);
      const control = event.target.closest?.("a, button, summary, input, textarea, select");
      const inner = control && control !== element && element?.contains(control);
      return !element || inner || panel.contains(element) ? null : element;
    };
    // In capture, on the window: before the page's own handlers, which would jump to the card or stop the answer.
    window.addEventListener("click", (event) => {
      const element = meant(event);
      if (!element || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      if (!element.matches("a, button") && !getSelection().isCollapsed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (element.tabIndex >= 0 || element.hasAttribute("tabindex")) element.focus({ preventScroll: true });
      show(citationOf(element));
    }, true);
    window.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && event.target.matches?.(CITING) && !event.target.matches("a, button")) {
        event.preventDefault();
        show(citationOf(event.target));
      }
      const answering = document.querySelector("#yj-stop")?.getClientRects().length;
      const ours = panel.contains(document.activeElement) || narrow.matches || !answering;
      if (event.key === "Escape" && !panel.hidden && ours) {
        event.preventDefault();
        event.stopImmediatePropagation();
        close();
      }
    }, true);
  };

  // Gradio may still be drawing the page when this runs.
  const found = () => document.getElementById("yj-source");
  if (found()) connect(found());
  else {
    new MutationObserver((_, observer) => {
      if (!found()) return;
      observer.disconnect();
      connect(found());
    }).observe(document.body, { childList: true, subtree: true });
  }
}
