(file) => {
  // The file that the server has just made, saved without another click.
  if (!file || !file.url) return;
  const link = document.createElement("a");
  link.href = file.url;
  link.download = file.orig_name || "answers";
  document.body.appendChild(link);
  link.click();
  link.remove();
}
