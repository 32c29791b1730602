"""Files that want to break the reader, and workers that die: each costs one line."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pypdf
import pytest

from foreland.data.documents import extract
from foreland.data.documents.extract import Extracted, Extractor, Refusal, Refused, check

from .conftest import Read
from .files import (
    bomb_docx,
    bomb_pdf,
    docx,
    laughing_docx,
    looped_pdf,
    looped_xref_pdf,
    packed,
    paragraph,
    pdf,
    pdf_objects,
    scanned_pdf,
)

ZH = "到二〇三〇年，青岚省将建成三座量子计算实验室，培育一批氢能企业。"
posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")


def reason(found: Extracted | Refusal) -> str:
    assert isinstance(found, Refusal), found
    assert found.reason in extract.REASONS
    assert len(found.detail) <= 200
    return found.reason


def encrypted(owner_only: bool = False) -> bytes:
    import io

    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(pdf([[ZH]])))
    writer.encrypt("" if owner_only else "secret", "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


SOUND = pdf([[ZH]] * 3)
HOSTILE: dict[str, tuple[str, bytes, str | set[str]]] = {
    "encrypted": ("a.pdf", encrypted(), "encrypted_pdf"),
    "scanned": ("a.pdf", scanned_pdf(), "scanned_pdf"),
    "stamped scan": ("a.pdf", pdf([["印"], []]), "no_text"),
    "font without meaning": ("a.pdf", pdf([[ZH]], unicode=False), "garbled_pdf"),
    "stream of 1 GB": ("a.pdf", bomb_pdf(1 << 30), "zip_bomb"),
    "page tree loop": ("a.pdf", looped_pdf(), {"damaged_pdf", "zip_bomb", "no_text"}),
    "no pages": ("a.pdf", pdf_objects([b"<< /Type /Catalog >>"]), "damaged_pdf"),
    "cut PDF": ("a.pdf", SOUND[: len(SOUND) // 3], "damaged_pdf"),
    "header only": ("a.pdf", b"%PDF-1.7\n", "damaged_pdf"),
    "deep nesting": (
        "a.pdf",
        pdf_objects([b"<< /Type /Catalog /Pages " + b"[" * 50_000 + b" >>"]),
        {"damaged_pdf", "zip_bomb"},
    ),
    "many pages": ("a.pdf", pdf([[ZH]] * 13), "too_many_pages"),
    "zip bomb": ("a.docx", bomb_docx(120), "zip_bomb"),
    "billion laughs": ("a.docx", laughing_docx(), "zip_bomb"),
    "cut docx": ("a.docx", docx(paragraph(ZH))[:400], "damaged_docx"),
    "docx without body": ("a.docx", packed({"word/document.xml": "<x/>"}), "damaged_docx"),
    "broken XML": ("a.docx", docx("<w:p><w:r>"), "damaged_docx"),
    "empty docx": ("a.docx", docx(""), "no_text"),
    "empty": ("a.txt", b"", "empty_file"),
    "blank": ("a.txt", b" \n\t\n ", "no_text"),
    "blank page": ("a.html", b"<html><body><script>x()</script></body></html>", "no_text"),
    "zeros": ("a.txt", b"\x00" * 5000, "encoding"),
    "noise": ("a.txt", bytes((7 * n * n + n // 3) % 255 + 1 for n in range(5000)), "encoding"),
    "picture called PDF": ("a.pdf", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "wrong_extension"),
    "archive called PDF": ("a.pdf", packed({"a.txt": "x"}), "wrong_extension"),
    "program called PDF": ("a.pdf", b"MZ\x90\x00" + b"\x00" * 50, "wrong_extension"),
    "noise called PDF": ("a.pdf", b"\x01\x02\x00" * 50, "damaged_pdf"),
    "workbook": ("a.xlsx", packed({"xl/workbook.xml": "<x/>"}), "unknown_kind"),
    "workbook called docx": ("a.docx", packed({"xl/workbook.xml": "<x/>"}), "unknown_kind"),
    "old Word": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "unknown_kind"),
    "table": ("a.csv", b"region,value\nCN-ZJ,3\n", "unknown_kind"),
    "long": ("a.txt", "甲".encode() * 3_000_001, "too_long"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_reason(name: str, read: Read) -> None:
    file, content, expected = HOSTILE[name]
    assert reason(read(file, content)) in ({expected} if isinstance(expected, str) else expected)


def test_owner_password_alone_does_not_lock(read: Read) -> None:
    assert isinstance(read("a.pdf", encrypted(owner_only=True)), Extracted)


def test_table_of_places_that_loops_is_survived(read: Read) -> None:
    found = read("a.pdf", looped_xref_pdf())
    assert isinstance(found, Extracted) or reason(found) == "damaged_pdf"


def test_huge_line_is_read(read: Read) -> None:
    found = read("a.txt", ZH * 80_000)
    assert isinstance(found, Extracted)
    assert len(found.text) == 80_000 * len(ZH)


def test_nested_page_is_read_or_refused_in_time(read: Read) -> None:
    page = "<html><body>" + "<div>" * 20_000 + ZH + "</div>" * 20_000 + "</body></html>"
    found = read("a.html", page)
    assert isinstance(found, Extracted) or reason(found) in ("damaged_html", "no_text")


def test_a_bad_file_does_not_touch_its_neighbours(extractor: Extractor, tmp_path: Path) -> None:
    paths = []
    for at, (file, content, _) in enumerate(list(HOSTILE.values())[:12]):
        bad, good = tmp_path / f"{at}-{file}", tmp_path / f"{at}.txt"
        bad.write_bytes(content)
        good.write_text(f"{at}：{ZH}", encoding="utf-8")
        paths += [bad, good]
    found = list(extractor.read(paths))
    assert [item.path for item in found] == paths
    for item in found[1::2]:
        assert isinstance(item, Extracted)
        assert item.text == f"{item.path.stem}：{ZH}"


def test_memory_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("甲" * 20_000_000, encoding="utf-8")
    good = tmp_path / "b.txt"
    good.write_text(ZH, encoding="utf-8")
    with Extractor(processes=1, memory="150MB") as small:
        first, second = small.read([path, good])
    assert reason(first) == "memory"
    assert isinstance(second, Extracted)


@posix
def test_late_worker_is_ended_and_another_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("a.txt", "b.txt")]
    for path in paths:
        path.write_text(ZH, encoding="utf-8")
    with Extractor(processes=1, seconds=1) as one:
        list(one.read(paths))
        worker = one._workers[0].process
        assert worker is not None
        os.kill(worker.pid, signal.SIGSTOP)
        start = time.monotonic()
        first, second = one.read(paths)
        assert reason(first) == "timeout"
        assert isinstance(second, Extracted)
        assert 0.9 < time.monotonic() - start < 10
        assert worker.poll() is not None


@posix
def test_worker_killed_from_outside(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.txt", "b.txt")]
    for path in paths:
        path.write_text(ZH, encoding="utf-8")
    with Extractor(processes=1, seconds=30) as one:
        list(one.read(paths))
        worker = one._workers[0].process
        assert worker is not None
        os.kill(worker.pid, signal.SIGSTOP)
        threading.Timer(0.3, os.kill, (worker.pid, signal.SIGKILL)).start()
        first, second = one.read(paths)
    assert first == Refusal(paths[0], "memory", "SIGKILL")
    assert isinstance(second, Extracted)


@posix
def test_paths_that_are_no_files(extractor: Extractor, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.txt")
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "real.txt").write_text(ZH, encoding="utf-8")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    cases = {
        tmp_path: "not_a_file",
        tmp_path / "fifo.txt": "not_a_file",
        tmp_path / "one": "not_a_file",
        Path("/dev/zero"): "not_a_file",
        tmp_path / "gone.txt": "missing",
        tmp_path / "absent.txt": "missing",
        tmp_path / "real.txt" / "below.txt": "missing",
        tmp_path / ("x" * 300): "not_a_file",
        tmp_path / "zero\x00byte": "not_a_file",
    }
    assert [reason(found) for found in extractor.read(cases)] == list(cases.values())
    (found,) = extractor.read([tmp_path / "link.txt"])
    assert isinstance(found, Extracted)


@posix
def test_name_that_is_no_text(extractor: Extractor, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe.txt"
    with open(path, "wb") as file:
        file.write(ZH.encode())
    (found,) = extractor.read([os.fsdecode(path)])
    assert isinstance(found, Extracted)


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from foreland.data.documents import worker

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.txt"
    path.write_text(ZH, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", denied)
        with pytest.raises(Refused) as looked:
            check(path)
    with monkeypatch.context() as patch:
        patch.setattr(worker.os, "open", denied)
        with pytest.raises(Refused) as opened:
            worker.read(str(path), extract.Limits())
    assert looked.value.reason == opened.value.reason == "unreadable"


@posix
def test_what_became_another_thing_is_not_opened(tmp_path: Path) -> None:
    from foreland.data.documents import worker

    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(Refused) as refused:
        worker.read(str(tmp_path / "a.txt"), extract.Limits())
    assert refused.value.reason == "not_a_file"
    with pytest.raises(Refused) as refused:
        worker.read(str(tmp_path / "b.txt"), extract.Limits())
    assert refused.value.reason == "missing"


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if parent == pid:
                found.append(int(entry.name))
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_the_parent_ends(tmp_path: Path, end: signal.Signals) -> None:
    for at in range(40):
        (tmp_path / f"{at}.txt").write_text(ZH * 2000, encoding="utf-8")
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from foreland.data.documents.extract import Extractor
        paths = sorted(Path(sys.argv[1]).iterdir()) * 1000
        for number, _ in enumerate(Extractor(processes=2).read(paths)):
            if number == 5:
                print("reading", flush=True)
        """
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"reading\n"
    workers = children(parent.pid)
    assert len(workers) == 2
    parent.send_signal(end)
    parent.communicate(timeout=20)
    assert parent.returncode != 0
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_reading_may_be_left_and_taken_up_again(tmp_path: Path) -> None:
    paths = []
    for at in range(20):
        paths.append(tmp_path / f"{at}.txt")
        paths[-1].write_text(ZH, encoding="utf-8")
    with Extractor(processes=2) as two:
        reading = two.read(paths)
        next(reading)
        reading.close()  # type: ignore[attr-defined]
        assert all(worker.process is None for worker in two._workers)
        assert len(list(two.read(paths))) == 20


def test_worker_finds_no_module_in_the_folder_it_is_run_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(3)", encoding="utf-8")
    (tmp_path / "a.txt").write_text(ZH, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with Extractor(processes=1) as one:
        (found,) = one.read(["a.txt"])
    assert isinstance(found, Extracted)
    assert dataclasses.asdict(found)["text"] == ZH


@pytest.mark.parametrize(
    "text",
    [
        "甲" + " " * 300_000 + "乙",
        ("." * 290 + "\n") * 2000,
        "[(" * 50_000,
        "名词解释\n1.甲：乙\n" * 5000,
        "目录\n" * 20_000,
        ">\n" * 50_000,
    ],
)
def test_texts_that_make_patterns_slow_are_read_in_time(text: str, read: Read) -> None:
    assert not isinstance(read("a.md", "甲乙丙丁。\n" + text), Refusal)


def test_a_package_that_takes_too_much_memory_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zipfile

    from foreland.data.documents import word

    def burst(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(zipfile, "ZipFile", burst)
    (tmp_path / "plan.docx").write_bytes(b"PK")
    with (tmp_path / "plan.docx").open("rb") as file, pytest.raises(MemoryError):
        word._check(file)
