"""What a reader of a rendered source sees."""

from html.parser import HTMLParser

VOID = {"br", "img", "hr", "input", "meta", "link"}


class Reader(HTMLParser):
    """What stands in marks and in noise, and which elements are open where."""

    def __init__(self, html):
        super().__init__()
        self.open, self.marked, self.clean, self.raw = [], "", "", ""
        html = str(html)  # Markup would escape what a parser puts in front of it
        self.feed(html[html.index('<article class="yj-source-text"') :])
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert tag not in VOID
        self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        classes = " ".join(name for _, name in self.open)
        if "note" in classes or "more" in classes:
            return
        self.raw += data
        noise = "yj-source-noise" in classes
        self.clean += "" if noise else data
        self.marked += data if "yj-source-mark" in classes and not noise else ""
