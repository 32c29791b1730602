"""Reference pages from what the code itself knows: questions, tables, taxonomies, packs, methods, commands."""

from __future__ import annotations

import pkgutil
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import foreland
from foreland.core import registry
from foreland.core.columns import column
from foreland.core.tables import TABLES, table_spec
from foreland.i18n import LANGUAGES, Language, has, t, use_language
from foreland.i18n.bundled import bundled_rows

SUFFIX: dict[Language, str] = {"en": "", "zh": ".zh"}
NOT_METHODS = {"questions", "charts"}
LIBRARIES: dict[str, str] = {
    "reading": "Reading policy text · 政策文本的读取",
    "documents": "Getting documents in · 文献的获取",
    "chains": "Getting chains in · 产业链数据的获取",
    "records": "Getting papers and patents in · 论文与专利的获取",
    "discovery": "Finding terms and topics · 术语与主题的发现",
    "surveys": "Delphi surveys · 德尔菲调查",
}
"""Packages below ``foreland.data`` that have a page each, with all their modules."""


def write_all(folder: Path) -> None:
    """Write every reference page; a page that did not change keeps its time stamp."""
    pages = dict(every_page())
    for old in folder.glob("**/*.md"):
        if old.relative_to(folder).as_posix() not in pages:
            old.unlink()
    for name, lines in pages.items():
        path, text = folder / name, "\n".join(lines) + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def every_page() -> Iterator[tuple[str, list[str]]]:
    """Name and lines of each page."""
    for language in LANGUAGES:
        with use_language(language):
            for room in registry.rooms():
                yield f"questions/{room}{SUFFIX[language]}.md", list(room_page(room, language))
    yield "tables.md", list(tables_page())
    yield "schemes.md", list(schemes_page())
    yield "packs.md", list(packs_page())
    yield "commands.md", list(commands_page())
    yield "vocabularies.md", list(vocabularies_page())
    yield "makers.md", list(makers_page())
    for room in registry.rooms():
        for module in methods(room):
            yield f"methods/{room}.{module}.md", method_page(f"foreland.{room}.{module}")
    for library, title in LIBRARIES.items():
        yield f"{library}.md", list(library_page(f"foreland.data.{library}", title))


def room_page(room: str, language: Language) -> Iterator[str]:
    """The questions of a room: text, how to read, parameters, columns, example, charts."""
    zh = language == "zh"
    yield f"# {t(f'core.room.{room}')}"
    yield f"\n{t(f'core.room.{room}.question')}\n"
    for question in registry.questions(room).values():
        yield f"\n({question.id}{SUFFIX[language]})=\n## `{question.id}`\n\n**{question.text[language]}**\n"
        yield f"{t('core.how_to_read')}{'：' if zh else ': '}{question.how(language)}\n"
        example = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in question.example.items())
        arguments = "".join(f", {name}={value!r}" for name, value in question.example.items())
        yield f"```sh\nforeland ask {question.id} {example}\n```\n"
        yield f'```python\nws.ask("{question.id}"{arguments})\n```\n'
        yield from _parameters(question, zh)
        charts = registry.chart_names(question.id)
        if charts:
            named = (f"`{name}` ({t(f'{question.id}.chart.{name}')})" for name in charts)
            yield f"{'图：' if zh else 'Charts: '}{', '.join(named)}\n"
    columns = bundled_rows(room, "columns.csv")
    if columns:
        yield f"\n## {'列' if zh else 'Columns'}\n"
        yield _row("列" if zh else "Column", "含义" if zh else "Meaning", "单位" if zh else "Unit")
        yield _rule(3)
        for entry in columns:
            spec = column(entry["column"], room)
            yield _row(f"`{spec.name}`", spec.label(language), spec.unit_in(language))


def _parameters(question: registry.Question, zh: bool) -> Iterator[str]:
    yield _row(*(("参数", "默认", "含义") if zh else ("Parameter", "Default", "Meaning")))
    yield _rule(3)
    for name in question.uses:
        needed = ("必填" if zh else "needed") if name in question.needs else ""
        yield _row(f"`{name}`", needed, t(f"core.scope.{name}.help"))
    for parameter in question.parameters:
        choices = "; ".join(f"`{c}` {parameter.choice_label(c)}" for c in parameter.choices)
        yield _row(f"`{parameter.name}`", f"`{parameter.default}`", f"{parameter.help()} {choices}".strip())
    yield ""


def tables_page() -> Iterator[str]:
    """The data model, from the schema."""
    yield "# The data model · 数据模型\n"
    yield "Every table is long and tidy. Columns of the key are numbered; what is required is marked ●.\n"
    yield "所有表均为长表。键列标有序号，必填列以 ● 标记。\n"
    for name in TABLES:
        yield f"\n## `{name}`\n"
        yield _row("Column · 列", "Type · 类型", "Unit · 单位", "Key · 键", "Required · 必填", "Meaning", "含义")
        yield _rule(7)
        for spec in table_spec(name).columns:
            required = "●" if spec.required else ""
            yield _row(f"`{spec.name}`", spec.type, spec.unit, str(spec.key or ""), required, spec.en, spec.zh)


def schemes_page() -> Iterator[str]:
    """Classifications and, for the field list of industries of the future, its fields."""
    from foreland.data.taxonomy import fields

    yield "# Classifications · 分类体系\n"
    yield _row("Scheme", "Name", "名称", "Fields", "Publisher")
    yield _rule(5)
    for scheme in fields.schemes().values():
        yield _row(
            f"`{scheme.id}`", scheme.name_en, scheme.name_zh, str(len(fields.fields(scheme.id))), scheme.publisher
        )
    yield "\n## `iotf`\n"
    yield _row("Id", "Name", "名称", "Part of · 上级")
    yield _rule(4)
    for field in fields.fields("iotf").values():
        yield _row(f"`{field.id}`", field.name_en, field.name_zh, field.parent_id or "")


def packs_page() -> Iterator[str]:
    """The bundled packs, from their own descriptions."""
    yield "# Packs of figures · 数据包\n"
    yield "`foreland packs` lists them, `foreland packs install NAME` loads one.\n"
    folder = Path(foreland.__file__).parent / "data" / "packs"
    for file in sorted(folder.glob("*/pack.toml")):
        pack = tomllib.loads(file.read_text(encoding="utf-8"))
        yield f"\n## `{pack['name']}` {pack['title_en']} · {pack['title_zh']}\n"
        yield "\n\n".join(
            pack[key] for key in ("description_en", "description_zh", "note_en", "note_zh") if key in pack
        )
        yield ""
        yield _row("Source · 来源", "Figures and readings · 数据与读出内容")
        yield _rule(2)
        for source in pack.get("source", []):
            yield _row(f"`{source['id']}`", f"{source['rows']:,}")


def commands_page() -> Iterator[str]:
    """The command line, in both languages."""
    from foreland.cli.app import command

    yield "# Commands · 命令\n"
    trees: dict[Language, Any] = {}
    for language in LANGUAGES:
        with use_language(language):
            trees[language] = command()
    for name in sorted(trees["en"].commands):
        yield f"\n## `foreland {name}`\n"
        for language in LANGUAGES:
            yield f"{trees[language].commands[name].help}\n"
        pairs = zip(*(trees[language].commands[name].params for language in LANGUAGES), strict=True)
        rows = [
            _row(", ".join(f"`{option}`" for option in (en.opts if en.opts else [en.name])), en.help, zh.help)
            for zh, en in ((p[LANGUAGES.index("zh")], p[LANGUAGES.index("en")]) for p in pairs)
            if en.name != "help"
        ]
        if rows:
            yield _row("Option", "Meaning", "含义")
            yield _rule(3)
            yield from rows


def vocabularies_page() -> Iterator[str]:
    """What policy text is read into: instruments, stages, marks of definitions, measures, units, doubts."""
    from foreland.data.reading import plausibility

    def rows(name: str) -> list[dict[str, str]]:
        return bundled_rows("data", "reading", name)

    yield "# What is read · 读出的内容\n"
    yield "The words behind each entry stand in `src/foreland/data/reading/*.csv`. 各条目所用词语见上述文件。\n"
    yield "\n## Instruments · 政策工具\n"
    yield _row("Type", "Name", "名称", "Side · 面", "Stage · 环节", "Domain · 政策领域", "Meaning", "含义")
    yield _rule(8)
    for entry in rows("instrument_types.csv"):
        told = (entry[name] for name in ("name_en", "name_zh", "side", "stage", "domain"))
        yield _row(f"`{entry['type']}`", *told, entry["description_en"], entry["description_zh"])
    yield "\n## Stages and domains of the whole chain · 全链条的环节与政策领域\n"
    yield _row("Code", "Name", "名称")
    yield _rule(3)
    for code, axis, en, zh in {(e["code"], e["axis"], e["name_en"], e["name_zh"]): 0 for e in rows("stages.csv")}:
        yield _row(f"`{code}`", f"{en} ({axis})", zh)
    yield "\n## Marks of a definition · 定义要素\n"
    yield _row("Code", "Name", "名称")
    yield _rule(3)
    for entry in rows("definitions.csv"):
        yield _row(f"`{entry['code']}`", entry["name_en"], entry["name_zh"])
    yield "\n## Measures · 指标\n"
    yield _row("Id", "Name", "名称", "Unit · 单位", "Kind · 类型")
    yield _rule(5)
    for entry in rows("measures.csv"):
        unit = entry["unit"].replace("|", ", ")
        yield _row(f"`{entry['id']}`", entry["name_en"], entry["name_zh"], unit, entry["kind"])
    yield "\n## Base units · 基本单位\n"
    yield _row("Unit · 单位", "Words · 原文写法")
    yield _rule(2)
    words: dict[str, list[str]] = {}
    for entry in (*rows("chinese_units.csv"), *rows("english_units.csv")):
        if entry["unit"]:
            words.setdefault(entry["unit"], []).append(entry["word"])
    for unit, known in words.items():
        yield _row(f"`{unit}`", ", ".join(dict.fromkeys(known)))
    yield "\n## Doubts · 存疑\n"
    yield _row("Code", "Meaning", "含义")
    yield _rule(3)
    for code in (*plausibility.CODES, plausibility.CONFLICT):
        yield _row(f"`{code}`", *(t(f"policy.value.{code}", language) for language in ("en", "zh")))


def makers_page() -> Iterator[str]:
    """Which sectors are taken for the makers of a field, in what shares and how sure; for ``chains.pull``."""
    from foreland.data.taxonomy import fields

    named = fields.fields("iotf")
    yield "# Who makes the products of a field · 领域产品由谁生产\n"
    yield "The editors' judgement, used by `chains.pull`: statistics know no such fields. A share may lie off by a"
    yield "quarter of itself (good), a half (partial) or the whole (weak).\n"
    yield "编辑判断，供 `chains.pull` 使用：统计分类中没有这些领域。"
    yield "份额可有自身四分之一（好）、一半（部分）或全部（弱）的偏差。\n"
    yield _row("Field", "领域", "Maker · 生产者", "Share · 份额", "How sure · 可信度", "Why", "依据")
    yield _rule(7)
    for entry in bundled_rows("chains", "pull_fields.csv"):
        field = named[entry["from_id"]]
        told = (entry[name] for name in ("weight", "quality", "note_en", "note_zh"))
        yield _row(field.name_en, field.name_zh, f"`{entry['maker']}`", *told)
    yield "\n## Makers by classification · 各分类中的生产者\n"
    yield _row("Maker · 生产者", "Scheme · 分类", "Sectors · 部门")
    yield _rule(3)
    for entry in bundled_rows("chains", "pull_sectors.csv"):
        yield _row(f"`{entry['maker']}`", f"`{entry['scheme']}`", entry["codes"])


def library_page(package: str, title: str) -> Iterator[str]:
    """The page of a package that rooms share: its modules one after another, from their docstrings."""
    yield f"# {title}\n"
    for module in modules(package):
        yield f"\n## `{module}`\n"
        yield from method_page(f"{package}.{module}")[1:]


def modules(package: str) -> list[str]:
    """The modules of a package by name."""
    return [m.name for m in pkgutil.iter_modules(import_module(package).__path__) if not m.ispkg]


def methods(room: str) -> list[str]:
    """The modules of a room that hold numerics."""
    return [name for name in modules(f"foreland.{room}") if name not in NOT_METHODS]


def method_page(module: str) -> list[str]:
    """The page of a module of numerics; Sphinx fills it from the docstrings."""
    return [f"# {module}\n", "```{eval-rst}", f".. automodule:: {module}", "   :members:", "```"]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _rule(columns: int) -> str:
    return "|" + "---|" * columns


def undocumented() -> list[str]:
    """Texts that a generated page needs and that are missing; for the tests."""
    return [
        key
        for question in registry.questions().values()
        for key in (f"{question.id}.how", *(f"core.parameter.{p.name}.help" for p in question.parameters))
        if not has(key)
    ]
