from __future__ import annotations

from pathlib import Path

from engine.dataset.doctor import Finding, Fix, Kind
from engine.dataset.doctor.findings import relabel_to
from gui.teach.found import FACES, sort_out


def finding(kind: Kind, name: str, fix: str = Fix.NONE) -> Finding:
    return Finding(kind, Path("pets", name), None, f"{name} is not well.", fix)


def test_that_findings_are_sorted_by_kind_in_the_order_they_come() -> None:
    found = sort_out(
        [
            finding(Kind.UNREADABLE, "1.jpg", Fix.QUARANTINE),
            finding(Kind.BLURRY, "2.jpg", Fix.QUARANTINE),
            finding(Kind.UNREADABLE, "3.jpg", Fix.QUARANTINE),
        ]
    )
    assert [(each.kind, len(each.findings)) for each in found] == [(Kind.UNREADABLE, 2), (Kind.BLURRY, 1)]
    assert found[0].title == "Cannot be opened  ·  2"
    assert found[0].said == "1.jpg is not well. And 1 more."
    assert found[0].fix[0] == "Leave all 2 out"
    assert (found[1].title, found[1].said, found[1].fix[0]) == ("Blurred", "2.jpg is not well.", "Leave it out")


def test_that_a_few_faces_are_enough_and_a_folder_has_none() -> None:
    many, alone = sort_out(
        [*(finding(Kind.BLURRY, f"{number}.jpg") for number in range(9)), finding(Kind.IMBALANCE, "pets")]
    )
    assert [face.path.name for face in many.faces] == [f"{number}.jpg" for number in range(FACES)]
    assert not alone.faces


def test_that_only_what_can_be_mended_here_is_mended() -> None:
    (found,) = sort_out(
        [
            finding(Kind.MISNAMED, "1.jpg", Fix.RENAME),
            finding(Kind.MISNAMED, "2.jpg"),
            finding(Kind.MISNAMED, "3.jpg", Fix.QUARANTINE),
        ]
    )
    assert [each.path.name for each in found.mendable] == ["3.jpg"]


def test_that_a_label_to_give_is_named_when_there_is_one_photo_and_copies_are_kept_once() -> None:
    one, copies = sort_out(
        [finding(Kind.MISLABELLED, "1.jpg", relabel_to("cat")), finding(Kind.EXACT_DUPLICATE, "2.jpg", Fix.KEEP_ONE)]
    )
    assert one.fix[0] == "Call it cat"
    assert copies.fix[0] == "Keep one of each"
    (conflict,) = sort_out([finding(Kind.CONFLICTING_LABELS, "3.jpg", Fix.KEEP_ONE)])
    assert conflict.fix[0] == "Keep the likelier one"
    (two,) = sort_out([finding(Kind.MISLABELLED, f"{at}.jpg", relabel_to("cat")) for at in range(2)])
    assert two.fix[0] == "Relabel all 2"
