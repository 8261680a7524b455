"""The site's accent colour, made readable on our papers; contrast as WCAG 2.2 measures it (1.4.3)."""

# The papers that the accent stands on: raw values of static/css/base.css, the deeper of two in each theme.
LIGHT_PAPER = "#f3f0e8"
DARK_PAPER = "#201e1a"
# WCAG asks for 4.5:1; a little more, for small kickers and thin letters.
LEAST_CONTRAST = 5.0
STEPS = 64


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours #rrggbb, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(paper: str, colour: str) -> str:
    """Return the colour, made darker or lighter only as far as text in it needs on this paper.

    Its hue stays, and as much of its strength as screens can show there (OKLab, Ottosson 2020).
    """
    lightness, a, b = _to_oklab(colour)
    goal = 0.0 if _luminance(paper) > 0.18 else 1.0
    for step in range(STEPS):
        candidate = _from_oklab(lightness + (goal - lightness) * step / STEPS, a, b)
        if contrast(candidate, paper) >= LEAST_CONTRAST:
            return candidate
    return "#000000" if goal == 0 else "#ffffff"


def accent_stylesheet(colour: str) -> str:
    """Return the few lines of CSS that give a site its accent colour in both themes.

    The admin's theme is the reader's choice, kept as `data-theme`; elsewhere the system's counts.
    """
    light, dark = readable_on(LIGHT_PAPER, colour), readable_on(DARK_PAPER, colour)
    return (
        "@layer base{"
        f":root{{--raw-accent:{light}}}"
        f"@media(prefers-color-scheme:dark){{:root{{--raw-accent:{dark}}}}}"
        f'html[data-theme="light"]{{--raw-accent:{light}}}'
        f'html[data-theme="dark"]{{--raw-accent:{dark}}}'
        "}\n"
    )


def _to_linear(colour: str) -> list[float]:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def _luminance(colour: str) -> float:
    """Return the relative luminance as WCAG 2.2 defines it."""
    red, green, blue = _to_linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklab(colour: str) -> tuple[float, float, float]:
    r, g, b = _to_linear(colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> str:
    """Return the colour; where screens cannot show it, one of the same hue and less strength."""
    for step in range(STEPS + 1):
        strength = 1 - step / STEPS
        long = (lightness + (0.3963377774 * a + 0.2158037573 * b) * strength) ** 3
        middle = (lightness - (0.1055613458 * a + 0.0638541728 * b) * strength) ** 3
        short = (lightness - (0.0894841775 * a + 1.2914855480 * b) * strength) ** 3
        linear = (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )
        if all(-0.0005 <= c <= 1.0005 for c in linear):
            break
    bounded = [min(1.0, max(0.0, c)) for c in linear]
    channels = [12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in bounded]
    return "#" + "".join(f"{round(255 * c):02x}" for c in channels)
