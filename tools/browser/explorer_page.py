"""An explorer as it stands in the page: its controls, its picture, its sentence, and what is wrong with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

EXPLORER = ".widget-vbox:has(> img.widget-image)"
SENTENCES = ("not good, bad", "I laughed", "the plot was not bad at all")
"""What is typed into text fields."""
PIXELS = """img => {
    const canvas = new OffscreenCanvas(img.naturalWidth, img.naturalHeight), pen = canvas.getContext('2d');
    pen.drawImage(img, 0, 0);
    const pixels = new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return [pixels.reduce((hash, pixel) => Math.imul(hash, 31) + pixel | 0, 17), new Set(pixels).size];
}"""
# Messages of widgets may be handled in a thread of the kernel of their own (a subshell), so no later request can stand
# for "all is answered": each cell and each message of a widget is remembered until the kernel is idle after it.
# (Not the page's own questions: while a kernel restarts, that it is idle after one of them may go unheard.)
LISTEN = """() => {
    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    window.unanswered = new Set();
    kernel.anyMessage.connect((_, {msg, direction}) => {
        const asks = /^(execute_request|comm_(msg|open|close))$/.test(msg.header.msg_type);
        if (asks && direction === 'send') unanswered.add(msg.header.msg_id);
    });
    kernel.iopubMessage.connect((_, msg) => {
        if (msg.content.execution_state === 'idle') unanswered.delete(msg.parent_header.msg_id);
    });
}"""
SETTLE = """async () => {
    for (let quiet = 0; quiet < 3; quiet = unanswered.size ? 0 : quiet + 1)
        await new Promise(requestAnimationFrame);
    for (const img of document.querySelectorAll('img.widget-image')) await img.decode();
}"""


def settle(page: "Page") -> None:
    """Wait until the kernel has answered everything that the page has sent, and the page has drawn it."""
    page.evaluate(SETTLE)


@dataclass(frozen=True)
class Look:
    """What a learner perceives: a hash of the pixels, the accessible name of the picture, and the sentence below."""

    pixels: int
    colours: int
    name: str
    reading: str


class ExplorerPage:
    """One explorer; `name` is what its repr says before the bracket."""

    def __init__(self, name: str, root: "Locator") -> None:
        self.name, self.root, self.page = name, root, root.page
        self.picture = root.locator("> img.widget-image")

    def look(self) -> Look:
        """What there is to see once the kernel has answered everything."""
        settle(self.page)
        pixels, colours = self.picture.evaluate(PIXELS)
        name = self.picture.aria_snapshot().partition('"')[2].rpartition('"')[0]
        return Look(pixels, colours, name, self.root.get_by_role("status").inner_text())

    def controls(self) -> dict[str, "Locator"]:
        """Every control by the name of its state variable."""
        found = {}
        for control in self.root.locator("[class*='explorer-']").all():
            classes = (control.get_attribute("class") or "").split()
            found[next(c.removeprefix("explorer-") for c in classes if c.startswith("explorer-"))] = control
        return found

    def reset(self) -> None:
        """Press the Reset button."""
        self.root.get_by_role("button", name="Reset").click()

    def defects(self) -> list[str]:
        """Everything that is wrong with this explorer, in words; moves each control and resets it.

        A picture that is empty or does not follow a control, a name or sentence that says nothing or stays the same,
        a Reset that does not bring the first picture back, a control the keyboard cannot reach.
        """
        first, found = self.look(), list[str]()
        if first.colours < 3:
            found.append("the picture is empty")
        if not first.name or not first.reading:
            found.append("the picture has no accessible name, or no sentence below it")
        for key, control in self.controls().items():
            before, looks = first, [first]
            for move in moves(control):
                after = self.look()
                looks.append(after)
                if after.pixels == before.pixels:
                    found.append(f"{key}: {move} changes no pixel")
                before = after
            if len(looks) == 1:
                found.append(f"{key}: there is nothing to move")
            for part in "name", "reading":
                if len({getattr(look, part) for look in looks}) == 1:
                    found.append(f"{key}: the {part} stays the same: {getattr(first, part)!r}")
            self.reset()
            if self.look() != first:
                found.append(f"{key}: Reset does not bring the first picture and its description back")
        return found + [f"{key}: Tab does not reach it" for key in self.beyond_the_keyboard()]

    def overflow(self) -> list[str]:
        """Parts that stick out of the cell at the window's present width, and labels that are cut off."""
        right = self.root.evaluate("e => e.closest('.jp-OutputArea-output').getBoundingClientRect().right")
        parts = {"picture": self.picture, "reading": self.root.get_by_role("status")} | self.controls()
        found = [
            f"{name} ends {by:.0f} pixels right of the cell"
            for name, part in parts.items()
            if (by := part.evaluate("e => e.getBoundingClientRect().right") - right) > 1
        ]
        labels = self.root.locator(".widget-label:visible, .widget-toggle-button:visible, option:checked").all()
        cut = [label.inner_text() for label in labels if label.evaluate("e => e.scrollWidth > e.clientWidth + 1")]
        for key, control in self.controls().items():
            if (track := control.locator(".noUi-target")).count() and (box := track.bounding_box()):
                found += [f"{key}: its track is only {box['width']:.0f} pixels long"] * (box["width"] < 80)
        return found + [f"the label {text!r} is cut off" for text in cut]

    def beyond_the_keyboard(self) -> list[str]:
        """The controls that Shift + Tab, pressed again and again from the Reset button on, never meets."""
        controls = self.controls()
        left = list(controls)
        self.root.get_by_role("button", name="Reset").focus()
        for _ in range(40):
            if not left:
                break
            self.page.keyboard.press("Shift+Tab")
            left = [k for k in left if not controls[k].evaluate("e => e.contains(document.activeElement)")]
        return left


def moves(control: "Locator") -> Iterator[str]:
    """Move `control` a few times the way its kind is moved; yields what was done after each move."""
    keyboard = control.page.keyboard
    if (handle := control.locator(".noUi-handle")).count():
        handle.focus()
        low, now, high = (float(handle.get_attribute(f"aria-value{name}") or 0) for name in ("min", "now", "max"))
        rising = now - low <= high - now  # where there is more room
        there, back = ("ArrowRight", "ArrowLeft") if rising else ("ArrowLeft", "ArrowRight")
        for key in there, there, back:
            keyboard.press(key)
            yield key
    elif (select := control.locator("select")).count():
        count = select.locator("option").count()
        select.focus()
        # not the arrow key alone: in command mode JupyterLab takes it and moves to the next cell
        for key in "Space", "ArrowUp" if select.evaluate("e => e.selectedIndex") == count - 1 else "ArrowDown", "Enter":
            keyboard.press(key)
        yield "Space, an arrow key and Enter"
        for index in range(min(count, 8)):
            if index != select.evaluate("e => e.selectedIndex"):
                select.select_option(index=index)
                yield f"option {index}"
    elif (buttons := control.locator("button")).count():
        for button in buttons.all():
            if "mod-active" not in (button.get_attribute("class") or ""):
                button.click()
                yield f"button {button.inner_text()!r}"
    elif (box := control.locator("input[type=checkbox]")).count():
        for action in "checking", "unchecking":
            box.press("Space")
            yield f"{action} with Space"
    elif (number := control.locator("input[type=number]")).count():
        value = float(number.input_value())
        step = -1 if value >= float(number.get_attribute("max") or "inf") else 1
        for new in value + step, value:
            number.fill(f"{new:g}")
            keyboard.press("Enter")
            yield f"typing {new:g}"
    elif (text := control.locator("input[type=text]")).count():
        for sentence in SENTENCES:
            text.fill(sentence)
            keyboard.press("Enter")
            yield f"typing {sentence!r}"
    else:
        raise AssertionError(f"no way known to move this control: {control.evaluate('e => e.className')}")
