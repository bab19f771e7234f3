() => {
  const LONGEST_MS = 2000; // that a picture which is here may take to be ready
  // The page as a picture, beneath the text of the source view: asked for when the text is there, so that never waits.
  const connect = (panel) => {
    const toggle = panel.querySelector('[data-view="page"]');
    const narrow = window.matchMedia("(max-width: 1099.98px)");
    let wished = null; // what the reader chose; before that it is shown where there is room for both
    let request = null; // the newest one; the answer to any other is stale
    let last = { asked: "", html: "" }; // another window of the same document has the same picture

    const pane = () => panel.querySelector(".yj-page-pane");

    // The first box in the middle of what is seen of the page.
    const toBox = (area) => {
      const box = area.querySelector("rect")?.getBoundingClientRect();
      if (!box) return;
      const seen = area.getBoundingClientRect();
      area.scrollTop += box.top + box.height / 2 - seen.top - area.clientHeight / 2;
    };

    const receive = async (address, signal) => {
      try {
        const answer = await fetch(address, { signal, headers: { accept: "application/json" } });
        return await answer.json();
      } catch (error) {
        if (signal.aborted) throw error;
        return {};
      }
    };

    const tell = (area, message) => {
      const told = document.createElement("p");
      told.className = "yj-source-note";
      told.textContent = message;
      area.replaceChildren(told);
    };

    const show = async (area, html) => {
      area.innerHTML = html; // escaped by the server
      // A page that draws no frames, in a tab behind others, decodes nothing until it is seen.
      const decoded = area.querySelector("img")?.decode().catch(() => {});
      await Promise.race([decoded, new Promise((late) => setTimeout(late, LONGEST_MS))]);
      area.removeAttribute("aria-busy");
      toBox(area);
    };

    const fill = async (area) => {
      if (area.dataset.asked) return;
      area.dataset.asked = "1";
      request?.abort();
      const mine = (request = new AbortController());
      const { document: source, start, end } = area.dataset;
      const address = new URL("../source", location.href);
      address.search = new URLSearchParams({ document: source, start, end, lang: panel.dataset.lang, picture: "1" });
      if (last.asked === address.search) return void show(area, last.html);
      area.setAttribute("aria-busy", "true");
      let received;
      try {
        received = await receive(address, mine.signal);
      } catch {
        return; // stale: another one was asked for, or the panel was closed
      }
      if (mine !== request) return;
      if (typeof received.html === "string") {
        if (received.html.includes("<img")) last = { asked: address.search, html: received.html };
        await show(area, received.html);
      } else {
        tell(area, String(received.error ?? area.dataset.failed));
        delete area.dataset.asked; // shown again, it is asked for again
        area.removeAttribute("aria-busy");
      }
    };

    const settle = () => {
      const on = wished ?? !narrow.matches;
      panel.classList.toggle("pictured", on);
      toggle.setAttribute("aria-pressed", String(on));
      const area = pane();
      if (on && area) {
        fill(area);
        toBox(area);
      } else if (!area) {
        request?.abort();
      }
    };

    const choose = (on) => {
      wished = on;
      settle();
      // Where the picture stood in the text's place, the text has lost where it was.
      if (!on && narrow.matches) panel.querySelector("#yj-source-mark")?.scrollIntoView({ block: "center" });
    };

    toggle.addEventListener("click", () => choose(toggle.getAttribute("aria-pressed") !== "true"));
    // Before the panel's own script looks for a place in the text.
    panel.addEventListener("click", (event) => {
      if (narrow.matches && event.target.closest("[data-offset], [data-do='raw']")) choose(false);
    }, true);
    narrow.addEventListener("change", settle);
    new MutationObserver(settle).observe(panel.querySelector(".yj-source-body"), { childList: true });
    settle();
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
