"""`make pictures`: one page that shows every picture, for whoever wants to see what the exchange looks like."""

import html
import sys
from collections import defaultdict
from pathlib import Path


def gallery(folder: Path) -> str:
    """All pictures of a folder, one row a page."""
    rows: dict[str, list[Path]] = defaultdict(list)
    for picture in sorted(folder.glob("*.png")):
        parts = picture.stem.split("-")
        width = next((place for place, part in enumerate(parts) if part.isdigit()), len(parts))
        rows["-".join(parts[:width])].append(picture)
    body = "".join(
        f"<section><h2>{html.escape(name)}</h2><div>"
        + "".join(
            f'<a href="{one.name}"><img src="{one.name}" alt="{one.stem}" loading="lazy"></a>' for one in row
        )
        + "</div></section>"
        for name, row in sorted(rows.items())
    )
    style = (
        "body{font-family:sans-serif;margin:2rem} div{display:flex;gap:1rem;align-items:start;overflow-x:auto} "
        "img{height:30rem;border:1px solid #ccc}"
    )
    return f'<!doctype html><html lang="en"><title>Comptoir</title><style>{style}</style><h1>Pages</h1>{body}'


if __name__ == "__main__":
    place = Path(sys.argv[1])
    (place / "index.html").write_text(gallery(place))
    print(place / "index.html")
