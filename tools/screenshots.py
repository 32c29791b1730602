"""Take pictures of every page: both languages, wide and narrow, light and dark.

python tools/screenshots.py FOLDER --workspace demo/workspace [--only promise] [--quick]
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]
WIDTHS = {"wide": 1280, "narrow": 390}


def browser_path() -> str | None:
    """Where Chromium is, if it is."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "/usr/bin/chromium"):
        found = shutil.which(name) if name else None
        if found:
            return found
    return None


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """Serve a workspace on a free port of the loopback; its address."""
    import uvicorn

    from foreland.web import create_app

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(workspace), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
            if not thread.is_alive():
                raise RuntimeError("the server did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


def addresses(workspace: Path) -> dict[str, str]:
    """Name → path of every page, questions with their examples, and one document with one of its marks."""
    from foreland.core.registry import questions, rooms

    found = {"home": "/", "region": "/region/CN-ZJ", "sources": "/sources", "data": "/data", "api": "/api"}
    found |= {"search": "/search?q=Zhejang", "missing": "/nothing", "documents": "/documents"}
    found |= document_pages(workspace)
    found |= {f"room-{room}": f"/{room}" for room in rooms()}
    for q in questions().values():
        found[q.id] = f"/{q.room}/{q.name}?{urlencode(q.example, safe=',:')}"
    first = next(iter(questions().values()))
    found["evidence"] = f"/{first.room}/{first.name}/evidence?{urlencode(first.example, safe=',:')}&row=0"
    return found


def document_pages(workspace: Path) -> dict[str, str]:
    """The reader: a document, one with its text where there is one, and why its first quantity matched."""
    from foreland.data.workspace import open_workspace

    ws = open_workspace(workspace, create=False)
    policies = ws.table("document").filter(lambda t: t.kind == "policy")
    documents = policies.mutate(bare=lambda t: t.text.isnull()).order_by(["bare", "document_id"])
    for row in ws.to_arrow(documents.select("document_id").limit(1)).to_pylist():
        path = f"/documents/{quote(row['document_id'], safe=':')}"
        passage = ws.table("passage")
        passage = passage.filter((passage.document_id == row["document_id"]) & (passage.kind == "quantity"))
        marks = ws.to_arrow(passage.order_by("start").select("passage_id").limit(1)).to_pylist()
        own = {"why": f"{path}?{urlencode({'mark': marks[0]['passage_id']}, safe=':')}"} if marks else {}
        return {"document": path} | {f"document-{name}": address for name, address in own.items()}
    return {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--quick", action="store_true", help="zh wide light and en narrow dark only")
    parser.add_argument("--charts", action="store_true", help="every chart of every question, not only the first")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    from foreland.core.registry import chart_names, questions

    pages = addresses(options.workspace)
    if options.charts:
        for name in list(pages):
            if name in questions():
                pages |= {f"{name}.{c}": f"{pages[name]}&chart={c}" for c in chart_names(name)[1:]}
    options.folder.mkdir(parents=True, exist_ok=True)
    kinds = [(lang, size, side) for lang in ("zh", "en") for size in WIDTHS for side in ("light", "dark")]
    if options.quick:
        kinds = [("zh", "wide", "light"), ("en", "narrow", "dark")]
    with served(options.workspace) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        for lang, size, side in kinds:
            context = browser.new_context(viewport={"width": WIDTHS[size], "height": 900}, color_scheme=side)
            page = context.new_page()
            for name, path in pages.items():
                if options.only not in name:
                    continue
                page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={lang}")
                page.wait_for_timeout(150)
                file = options.folder / f"{name}-{lang}-{size}-{side}.png"
                page.screenshot(path=file, full_page=True)
                print(file)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
