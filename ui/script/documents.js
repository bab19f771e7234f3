() => {
  // What is dropped or chosen goes to Gradio's upload in a form that it can take: a folder as the files in it, and of
  // a file above the limit only so much that the server sees it is too large and says so, while the others are added.
  const prepared = (files) => {
    const rules = document.querySelector(".yj-documents-rules");
    const [limit, most] = [Number(rules.dataset.maxBytes), Number(rules.dataset.maxFiles)];
    const carrier = new DataTransfer();
    // One more than allowed, so that the server says that there were too many.
    for (const file of files.slice(0, most + 1)) {
      const cut = file.size > limit ? new File([file.slice(0, limit + 1)], file.name, { type: file.type }) : file;
      carrier.items.add(cut);
    }
    return carrier;
  };
  const isHidden = (name) => name.startsWith(".");
  const listed = async (reader) => {
    const entries = [];
    for (;;) { // a reader gives at most a hundred at a time
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      entries.push(...some);
    }
  };
  const inside = async (entry) => {
    if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
    const files = [];
    for (const each of await listed(entry.createReader())) {
      if (!isHidden(each.name)) files.push(...(await inside(each)));
    }
    return files;
  };

  const ours = new WeakSet(); // the drops that were made here
  document.addEventListener("drop", async (event) => {
    if (ours.has(event) || !event.dataTransfer?.files.length || !event.target.closest?.("#yj-documents-drop")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target } = event;
    // Taken before anything is waited for: the event's own data are gone then.
    const files = [...event.dataTransfer.files];
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    let found = files;
    if (entries.some((entry) => entry.isDirectory)) {
      try {
        found = (await Promise.all(entries.map(inside))).flat();
      } catch {
        found = files.filter((file) => file.type); // a folder that cannot be read is left out
      }
    }
    const drop = new DragEvent("drop", { dataTransfer: prepared(found), bubbles: true, cancelable: true });
    ours.add(drop);
    target.dispatchEvent(drop);
  }, true);

  // In capture, so that Gradio reads the list only after it was put right.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file" || !input.closest("#yj-documents-entry")) return;
    const within = (file) => !file.webkitRelativePath.split("/").slice(1).some(isHidden);
    input.files = prepared([...input.files].filter(within)).files;
    if (!input.files.length) event.stopImmediatePropagation();
  }, true);
}
