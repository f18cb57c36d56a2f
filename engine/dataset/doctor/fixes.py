"""Do what a finding suggests; `LabelEditor.undo` takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine import images
from engine.dataset.doctor.findings import Finding, Fix
from engine.dataset.doctor.quality import right_suffix
from engine.dataset.labels import Edit, LabelEditor
from engine.errors import DatasetError
from engine.image_formats import signature


def apply_fix(finding: Finding, editor: LabelEditor) -> Edit | None:
    """Do what `finding` suggests: put the picture aside, relabel it, or give it the right suffix.

    Returns:
        What was done; None when there was nothing to do (any more).

    Raises:
        DatasetError: nothing can be done about such a finding, or the folder has changed since.
        FolderError: a file cannot be changed.
    """
    if finding.new_label is not None:
        return editor.relabel([finding.path], finding.new_label)
    if finding.fix in (Fix.QUARANTINE, Fix.KEEP_ONE):
        _still_there(finding)
        return editor.quarantine([finding.path])
    if finding.fix == Fix.RENAME:
        _still_there(finding)
        form = signature(images.read(finding.path))
        suffix = right_suffix(finding.path, form) if form else None
        return editor.rename_file(finding.path, suffix) if suffix else None
    raise DatasetError(f"Nothing can be done about this by itself: {finding.message}", "See what it says.")


def apply_fixes(
    findings: Iterable[Finding], editor: LabelEditor, progress: Callable[[int, int], None] | None = None
) -> list[Edit]:
    """Do what many findings suggest, in as few edits as can be: one for all that are put aside, one for each new label.

    Findings about which nothing can be done are passed over. A picture with several findings is treated once.

    Raises:
        As `apply_fix`.
    """
    fixable = [finding for finding in findings if finding.fixable]
    aside = list(dict.fromkeys(each.path for each in fixable if each.fix in (Fix.QUARANTINE, Fix.KEEP_ONE)))
    done = [editor.quarantine(aside, progress)]
    gone = set(aside)
    for label in sorted({each.new_label for each in fixable if each.new_label is not None}):
        paths = [each.path for each in fixable if each.new_label == label and each.path not in gone]
        done.append(editor.relabel(paths, label, progress))
        gone.update(paths)
    done += [apply_fix(each, editor) for each in fixable if each.fix == Fix.RENAME and each.path not in gone]
    return [edit for edit in done if edit is not None]


def _still_there(finding: Finding) -> None:
    if not finding.path.exists():
        raise DatasetError(f"{images.display_name(finding.path)} is no longer there.", "Check the folder again.")
    if finding.fix == Fix.KEEP_ONE and finding.other is not None and not finding.other.exists():
        name = images.display_name(finding.other)
        raise DatasetError(f"{name}, which was to be kept, is no longer there.", "Check the folder again.")
