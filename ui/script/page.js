() => {
  const root = document.documentElement;
  root.lang = "zh-CN"; // picks the Chinese shapes of characters that Chinese and Japanese share
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const goTo = (element, block) => element.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });

  // A marker leads to its card. Not left to the browser: the page's base address differs from its address
  // when that holds a query, and the link would then load the page anew and lose the conversation.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.yj-marker");
    const card = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!card) return;
    event.preventDefault();
    window.location.hash = card.id; // marks the card through :target
    goTo(card, "center");
    card.focus({ preventScroll: true });
  });

  // In capture, before Gradio sees it: Enter that only picks a word in an input method must not send the question.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    if (event.key === "Escape" && !event.isComposing) document.querySelector("#yj-stop")?.click();
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

  // A new question is brought into view once; after that the reader's own scrolling is left alone.
  let shown = "";
  new MutationObserver(() => {
    const turn = document.querySelector("#yj-latest .yj-turn");
    const id = turn ? turn.id : "";
    if (id === shown) return;
    shown = id;
    if (turn) goTo(turn, "start");
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["id"] });
}
