() => {
  // The panel of earlier conversations: told open or closed, and out of the way again once something was chosen where it
  // covers the page.
  const narrow = window.matchMedia("(max-width: 768px)");
  const connect = (panel, toggle) => {
    const tell = () => toggle.setAttribute("aria-expanded", String(panel.classList.contains("open")));
    tell();
    new MutationObserver(tell).observe(panel, { attributes: true, attributeFilter: ["class"] });
    panel.addEventListener("click", (event) => {
      const chosen = event.target.closest?.('#yj-new, [data-yj-act="open"]');
      if (chosen && narrow.matches && panel.classList.contains("open")) toggle.click();
    });
  };
  // Gradio may still be drawing the page when this runs.
  const found = () => {
    const panel = document.getElementById("yj-history");
    const toggle = panel?.querySelector(".toggle-button");
    if (!toggle) return false;
    connect(panel, toggle);
    return true;
  };
  if (!found()) {
    new MutationObserver((_, observer) => {
      if (found()) observer.disconnect();
    }).observe(document.body, { childList: true, subtree: true });
  }
}
