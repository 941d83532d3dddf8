"""A film of a terminal as an SVG that moves by itself: frames below each other on a strip, which a window jumps along."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

__all__ = ["Frame", "Run", "svg"]

CELL, LINE, BASE, EDGE = 8.4, 18, 13, 14  # of a character and around the window, in pixels
COLORS = {
    "default": "#d7dae0",
    "black": "#23272e",
    "red": "#e06c75",
    "green": "#98c379",
    "brown": "#e5c07b",  # pyte's word for yellow
    "blue": "#61afef",
    "magenta": "#c678dd",
    "cyan": "#56b6c2",
    "white": "#d7dae0",
    "brightblack": "#7f848e",
    "brightred": "#e88891",
    "brightgreen": "#b1d196",
    "brightbrown": "#ecd2a0",
    "brightyellow": "#ecd2a0",
    "brightblue": "#8cc5f5",
    "brightmagenta": "#d7a1e7",
    "brightcyan": "#82cbd4",
    "brightwhite": "#ffffff",
}
BACKGROUND = "#23272e"


@dataclass(frozen=True)
class Run:
    """Characters of a row that look alike, from a column on; the colours are names of :data:`COLORS` or six digits."""

    column: int
    text: str
    color: str
    background: str
    bold: bool
    underlined: bool


@dataclass(frozen=True)
class Frame:
    """What a terminal shows, and for how many seconds.

    Attributes:
        rows: The rows, each as its runs.
        cursor: Column and row of the cursor; None where it is hidden.
        seconds: How long the frame stays.
    """

    rows: tuple[tuple[Run, ...], ...]
    cursor: tuple[int, int] | None
    seconds: float

    @classmethod
    def of(cls, screen, seconds: float) -> Frame:
        """Take what a ``pyte.Screen`` shows."""
        rows = tuple(_runs([screen.buffer[y][x] for x in range(screen.columns)]) for y in range(screen.lines))
        cursor = None if screen.cursor.hidden else (screen.cursor.x, screen.cursor.y)
        return cls(rows, cursor, seconds)

    def cut(self, first: int, last: int) -> Frame:
        """Return the frame with these rows only, both included."""
        x, y = self.cursor or (0, -1)
        return Frame(self.rows[first : last + 1], (x, y - first) if first <= y <= last else None, self.seconds)


def _runs(cells) -> tuple[Run, ...]:
    runs = []
    for (color, background, bold, underlined), group in groupby(enumerate(cells), key=lambda pair: _look(pair[1])):
        group = list(group)
        text = "".join(cell.data for _, cell in group)
        if text.strip() or background != "default":
            runs.append(Run(group[0][0], text, color, background, bold, underlined))
    return tuple(runs)


def _look(cell) -> tuple[str, str, bool, bool]:
    color, background = (cell.bg, cell.fg) if cell.reverse else (cell.fg, cell.bg)
    if cell.reverse:
        color, background = ("black" if color == "default" else color), ("white" if background == "default" else background)
    return color, background, cell.bold, cell.underscore


def svg(frames: list[Frame], title: str, made_with: str) -> str:
    """Return the picture: it moves if there is more than one frame, and shows the last one to whom wants no motion.

    Args:
        frames: All of one size.
        title: What a person hears who does not see it.
        made_with: Versions of the programs that are shown.
    """
    height = len(frames[0].rows) * LINE
    width = max(run.column + len(run.text) for frame in frames for row in frame.rows for run in row) * CELL
    names: dict[tuple[Run, ...], str] = {}
    strip = []
    for number, frame in enumerate(frames):
        top = number * height
        for y, row in enumerate(frame.rows):
            if row:
                name = names.setdefault(row, f"r{len(names)}")
                strip.append(f'<use href="#{name}" y="{top + y * LINE}"/>')
        if frame.cursor is not None:
            x, y = frame.cursor
            strip.append(f'<use href="#c" x="{_n(x * CELL)}" y="{top + y * LINE}"/>')
    full_width, full_height = _n(width + 2 * EDGE), height + 2 * EDGE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full_width} {full_height}" '
            f'width="{full_width}" height="{full_height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(made_with)}</desc>",
            "<style>",
            "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}",
            *_motion(frames, height),
            "</style>",
            "<defs>",
            f'<rect id="c" width="{CELL}" height="{LINE}" fill="#d7dae0" opacity=".6"/>',
            *(f'<g id="{name}">{"".join(map(_drawn, row))}</g>' for row, name in names.items()),
            "</defs>",
            f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
            f'<svg x="{EDGE}" y="{EDGE}" width="{_n(width)}" height="{height}">',
            f'<g class="strip">{"".join(strip)}</g>',
            "</svg>",
            "</svg>\n",
        ]
    )


def _motion(frames: list[Frame], height: int) -> list[str]:
    if len(frames) == 1:
        return []
    whole = sum(frame.seconds for frame in frames)
    steps, passed = [], 0.0
    for number, frame in enumerate(frames):
        steps.append(f"{_n(passed / whole * 100)}%{{transform:translateY(-{number * height}px)}}")
        passed += frame.seconds
    last = f"translateY(-{(len(frames) - 1) * height}px)"
    return [
        f".strip{{animation:strip {_n(whole)}s step-end infinite}}",
        f"@keyframes strip{{{''.join(steps)}}}",
        f"@media (prefers-reduced-motion:reduce){{.strip{{animation:none;transform:{last}}}}}",
    ]


def _drawn(run: Run) -> str:
    """Return the elements of a run; blanks at its ends are not drawn."""
    elements = []
    if run.background != "default":
        x, width = _n(run.column * CELL), _n(len(run.text) * CELL)
        elements.append(f'<rect x="{x}" width="{width}" height="{LINE}" fill="{_color(run.background)}"/>')
    text = run.text.strip()
    if text:
        column = run.column + len(run.text) - len(run.text.lstrip())
        style = (' font-weight="bold"' if run.bold else "") + (' text-decoration="underline"' if run.underlined else "")
        elements.append(
            f'<text x="{_n(column * CELL)}" y="{BASE}" textLength="{_n(len(text) * CELL)}" fill="{_color(run.color)}"{style}>'
            f"{escape(text)}</text>"
        )
    return "".join(elements)


def _color(name: str) -> str:
    return COLORS.get(name) or f"#{name}"


def _n(number: float) -> str:
    """Return a number as short as it can be written with two decimals."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
