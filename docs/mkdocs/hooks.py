"""What MkDocs does beside its configuration: files outside of docs/ become pages, and scripts come from node_modules.

README, CONTRIBUTING and CHANGELOG stand in the root, where people and package indexes look for them.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
ASSETS = {
    "assets/mermaid.js": HERE / "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js",
    "assets/iframe-worker.js": HERE / "node_modules/iframe-worker/shim/index.js",
    "assets/site.css": HERE / "site.css",
}
# [text](path#anchor), where the path is one of the repository.
LOADED = re.compile(r"""(?:\bsrc=|<link [^>]*(?:stylesheet|icon|preconnect)[^>]*href=)["']?(https?:[^"' >]*)""")
LINK = re.compile(r"\[([^\]]+)\]\(([\w.-]*(?:/|\.md)[\w./-]*)(#[\w-]*)?\)")


def on_files(files: Any, config: Any) -> Any:
    """Add what does not lie in docs/."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text()))
    for name, path in ASSETS.items():
        files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, files: Any, **_: Any) -> str:
    """Links between files of the repository lead to their pages; the text alone stays of those that have none."""
    at = page.file.src_uri
    source = next((source for source, uri in PAGES.items() if uri == at), f"docs/{at}")

    def to_page(link: re.Match[str]) -> str:
        text, path, anchor = link.groups()
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        uri = PAGES.get(target, target.removeprefix("docs/"))
        if not files.get_file_from_path(uri):
            return text
        return f"[{text}]({posixpath.relpath(uri, posixpath.dirname(at) or '.')}{anchor or ''})"

    return LINK.sub(to_page, markdown)


def on_post_page(output: str, page: Any, **_: Any) -> None:
    """Nobody needs a network to read a page.

    Raises:
        PluginError: if the page loads something from elsewhere.
    """
    if loaded := LOADED.findall(output):
        raise PluginError(
            f"{page.file.src_uri} loads {', '.join(loaded)}; ship it as the scripts in docs/mkdocs/hooks.py"
        )
