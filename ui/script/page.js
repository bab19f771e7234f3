() => {
  const root = document.documentElement;
  // Picks the Chinese shapes of characters that Chinese and Japanese share, and the voice of a screen reader.
  root.lang = /\/en\/?$/.test(window.location.pathname) ? "en" : "zh-CN";
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const goTo = (element, block) => element.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });

  // Dark or light: as the system says, until somebody chooses.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const setTheme = () => {
    const chosen = window.localStorage.getItem("youju-theme");
    document.body.classList.toggle("dark", chosen ? chosen === "dark" : dark.matches);
  };
  dark.addEventListener("change", setTheme);
  setTheme();

  const copy = async (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); // plain http from another machine has no clipboard of its own
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };

  document.addEventListener("click", async (event) => {
    const target = event.target.closest?.("[data-yj-copy], #yj-theme, [data-yj-lang]");
    if (!target) return;
    if (target.id === "yj-theme") {
      const next = document.body.classList.contains("dark") ? "light" : "dark";
      window.localStorage.setItem("youju-theme", next);
      setTheme();
    } else if (target.matches("[data-yj-lang]")) {
      target.search = window.location.search; // the conversation goes along
    } else {
      const label = target.textContent;
      await copy(target.dataset.yjCopy);
      target.textContent = target.dataset.yjDone;
      setTimeout(() => { target.textContent = label; }, 1500);
    }
  });

  const box = () => document.querySelector("#yj-question textarea");
  const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");
  // In capture, before Gradio sees it: Enter that only picks a word in an input method must not send the question.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    if (event.key === "Escape" && !event.isComposing) {
      document.querySelector("#yj-stop")?.click();
    }
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
      event.preventDefault();
      if (box()?.checkVisibility()) box().focus();
      else {
        document.querySelector('#yj-tabs [role="tab"]')?.click();
        requestAnimationFrame(() => box()?.focus()); // once it is shown
      }
    }
  }, true);

  // The clock runs on between two messages from the server, and starts from what the last one said.
  const started = new WeakMap();
  const tick = () => {
    for (const clock of document.querySelectorAll(".yj-clock[data-elapsed]")) {
      const said = clock.closest(".yj-turn").id + clock.dataset.elapsed + clock.previousSibling?.textContent;
      if (started.get(clock)?.said !== said) {
        started.set(clock, { said, at: performance.now() - 1000 * Number(clock.dataset.elapsed) });
      }
      clock.textContent = ((performance.now() - started.get(clock).at) / 1000).toFixed(1) + " s";
    }
  };
  setInterval(tick, 100);

  // The address names the conversation that is open, so that a reload or a bookmark shows it again.
  const nameConversation = (turn) => {
    const address = new URL(window.location.href);
    const kept = turn?.dataset.yjConversation ?? (turn ? address.searchParams.get("c") : null);
    if (kept === address.searchParams.get("c")) return;
    if (kept) address.searchParams.set("c", kept);
    else address.searchParams.delete("c");
    window.history.replaceState(window.history.state, "", address);
  };

  // A new question is brought into view once; after that the reader's own scrolling is left alone.
  let shown = "", loaded = false;
  const look = () => {
    const turn = document.querySelector("#yj-latest .yj-turn");
    loaded = loaded || Boolean(document.querySelector("#yj-corpus .yj-corpus")); // the server has said what is open
    if (loaded) nameConversation(turn);
    const id = turn ? turn.id : "";
    if (id === shown) return;
    shown = id;
    if (turn) goTo(turn, "start");
  };
  new MutationObserver(look).observe(document.body, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["id", "data-yj-conversation"],
  });
}
