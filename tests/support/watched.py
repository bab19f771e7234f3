"""The whole page in a Chromium whose tabs are watched: what they ask for, what runs in them, what they may not do."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from tests.support.pages import ready
from ui.__main__ import Serving, start

# Told to the console, where the watch hears of it.
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("violation", event.effectiveDirective, event.blockedURI, event.sample))"""
# What no page of ours has: elements that load or frame something, addresses that run or lead away, handlers in HTML.
SUSPECTS = """() => {
  const found = [];
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const addresses = ["href", "src", "srcdoc", "action", "formaction", "data", "poster", "srcset", "xlink:href"];
      const loads = "iframe, frame, object, embed, base:not([href='./']), math, marquee, meta[http-equiv], noscript p";
      const wrong = element.matches(loads)
        || (element.matches("script, style, title, template") && /alert|display:none\\}/.test(element.textContent)
          && !element.src && element.textContent.length < 200)
        || [...element.attributes].some(({ name, value }) =>
          name.startsWith("on")
          || (addresses.includes(name) && /evil\\.example|^\\s*(javascript|vbscript|data:text)/i.test(value)));
      if (wrong) found.push(element.outerHTML.slice(0, 200));
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return found;
}"""


@contextlib.contextmanager
def server(pipeline, **serving):
    """A server over a real pipeline."""
    with ThreadPoolExecutor(1) as pool:  # this thread may have Playwright's event loop
        running = pool.submit(start, pipeline, Serving(**serving), config=pipeline.config).result()
    try:
        yield running
    finally:
        running.close()


class Watch:
    """Tabs at a server, and everything that they asked for or complained of.

    Attributes:
        asked: Addresses of all requests and sockets.
        troubles: Dialogs, errors of scripts, windows that opened by themselves, what the policy had to forbid.
    """

    def __init__(self, browser, url, **options):
        self.url = url
        self.asked = []
        self.troubles = []
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.context.add_init_script(TELL_VIOLATIONS)
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("page", self._watch)

    def open(self, path="zh/"):
        page = self.context.new_page()
        page.set_default_timeout(60_000)  # a machine with other work on it takes its time
        page.goto(self.url + path)
        ready(page)
        return page

    @property
    def left(self):
        """Addresses that lead away from the server. ``data:`` and ``blob:`` ones lead nowhere."""
        own = urlsplit(self.url).netloc
        parts = ((urlsplit(address), address) for address in self.asked)
        return [address for at, address in parts if at.scheme not in ("data", "blob") and at.netloc != own]

    def check(self):
        """Nothing ran, nothing left."""
        for page in self.context.pages:
            found = page.evaluate(SUSPECTS)
            assert found == [], found
        assert self.troubles == [], self.troubles
        assert self.left == [], self.left

    def _watch(self, page):
        if page.opener():
            self.troubles.append(f"opened by itself: {page.url}")
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("dialog", lambda dialog: (self.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("console", self._hear)

    def _hear(self, message):
        # Chromium's own words for what a policy forbids, where our listener is not there to tell.
        if message.text.startswith("violation") or "Content Security Policy" in message.text:
            self.troubles.append(message.text)


@contextlib.contextmanager
def watching(browser, url, **options):
    """Watch tabs, and check at the end that nothing ran and nothing left."""
    watch = Watch(browser, url, **options)
    try:
        yield watch
        watch.check()
    finally:
        watch.context.close()


def ask(page, question, number=1, *, stage="done"):
    """Ask, and wait until it is over."""
    box = page.locator("#yj-question textarea")
    box.fill(question)
    box.press("Enter")
    page.wait_for_selector(f'#t{number}[data-stage="{stage}"]')


def show_tab(page, name):
    """Show a tab, by its name or, on a narrow screen, from the list of those that have no room."""
    tab = page.locator("#yj-tabs").get_by_role("tab", name=name, exact=True)
    if not tab.count() or not tab.is_visible():
        page.locator("#yj-tabs .overflow-menu button").first.click()
        tab = page.locator("#yj-tabs .overflow-dropdown button", has_text=name)
    tab.click()


def drop_questions(page, name, content):
    """Drop a question file and start its batch."""
    if isinstance(content, str):
        content = content.encode()
    file = {"name": name, "mimeType": "text/plain", "buffer": content}
    page.locator("#yj-batch-file input[type=file]").set_input_files(file)
    page.locator("#yj-batch-file .file-preview").wait_for()
    page.locator("#yj-batch-start").click()
