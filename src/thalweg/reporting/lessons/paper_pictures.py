"""Pictures for paper: what a student draws or writes into."""


def empty_log_plot(width: int = 520, height: int = 330) -> str:
    """The empty scales of error against h, both logarithmic, as SVG."""
    left, right, top, bottom = 52, width - 12, 22, height - 42
    marks = []
    for power in range(-16, 1, 4):
        words = "1" if power == 0 else f'10<tspan dy="-5" font-size="8">−{-power}</tspan>'
        x = left + (power + 16) / 16 * (right - left)
        y = bottom - (power + 16) / 17 * (bottom - top)
        marks.append(
            f'<path d="M{x:.0f} {top}V{bottom}M{left} {y:.0f}H{right}"/>'
            f'<text x="{x:.0f}" y="{bottom + 18}" text-anchor="middle">{words}</text>'
            f'<text x="{left - 6}" y="{y + 4:.0f}" text-anchor="end">{words}</text>'
        )
    return (
        f'<svg class="empty" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-label="Empty scales of the error against h">'
        f'{"".join(marks)}<text x="2" y="12">error</text>'
        f'<text x="{right}" y="{height - 6}" text-anchor="end">step h</text></svg>'
    )
