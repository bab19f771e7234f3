() => {
  // Gradio says a few words of its own in the language of the browser; the page has a language of its own.
  const name = (selector, words) => {
    for (const element of document.querySelectorAll(selector)) {
      if (element.getAttribute("aria-label") !== words) element.setAttribute("aria-label", words);
      if (element.title && element.title !== words) element.title = words;
    }
  };
  const write = (node, words) => {
    if (node && node.data !== words) node.data = words;
  };
  const say = () => {
    const header = document.querySelector(".yj-header");
    if (!header) return;
    const words = JSON.parse(header.dataset.yjWords);
    name("#yj-history .toggle-button", words.panel);
    name("#yj-tabs .overflow-menu > button", words.more);
    name(".upload-container, [data-testid='file-upload']", words.upload);
    name("#yj-batch-file .icon-button, #yj-documents-drop .icon-button", words.clear);
    for (const area of document.querySelectorAll("[data-testid='upload-text']")) {
      const own = [...area.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
      write(own[0], ` ${words.drop} `);
      write(own[1], ` ${words.click} `);
      write([...(area.querySelector(".or")?.childNodes ?? [])].find((node) => node.nodeType === 3), `- ${words.or} -`);
    }
  };
  say();
  new MutationObserver(say).observe(document.body, { childList: true, subtree: true });
}
