"""ImageNet's 1,000 classes in everyday words.

The words are WordNet's lemmas, the first of each, except where that one is rare, ambiguous or used twice.
"""

from __future__ import annotations

from collections.abc import Sequence

BETTER = {
    7: "rooster", 21: "kite (bird)", 27: "eft (young newt)", 97: "drake (duck)", 101: "tusker (elephant)",
    134: "crane (bird)", 153: "Maltese", 154: "Pekingese", 161: "basset hound", 164: "bluetick coonhound",
    168: "redbone coonhound", 179: "Staffordshire bull terrier", 191: "Airedale terrier", 192: "cairn terrier",
    194: "Dandie Dinmont terrier", 195: "Boston terrier", 199: "Scottish terrier", 204: "Lhasa apso",
    216: "clumber spaniel", 217: "English springer spaniel", 241: "Entlebucher", 242: "boxer (dog)",
    255: "Leonberger", 260: "chow chow", 263: "Pembroke Welsh corgi", 264: "Cardigan Welsh corgi",
    268: "Mexican hairless dog", 281: "tabby cat", 296: "polar bear", 321: "admiral butterfly",
    322: "ringlet butterfly", 323: "monarch butterfly", 332: "Angora rabbit", 339: "sorrel (horse)",
    383: "ring-tailed lemur", 387: "red panda", 408: "amphibious vehicle", 412: "trash can", 428: "wheelbarrow",
    436: "station wagon", 437: "lighthouse", 439: "bearskin hat", 456: "bow (archery)", 458: "brass plaque",
    459: "bra", 468: "taxi", 469: "cauldron", 487: "mobile phone", 492: "chest (furniture)", 517: "crane (machine)",
    553: "filing cabinet", 570: "gas mask", 581: "radiator grille", 589: "hair dryer", 590: "handheld computer",
    592: "hard disk", 606: "clothes iron", 608: "jeans", 610: "T-shirt", 612: "rickshaw", 628: "ocean liner",
    630: "loafer (shoe)", 639: "tank suit", 666: "mortar (bowl)", 673: "computer mouse", 680: "bottle nipple",
    681: "notebook computer", 687: "pipe organ", 705: "railway carriage", 707: "pay phone", 714: "guitar pick",
    717: "pickup truck", 725: "pitcher (jug)", 726: "carpenter's plane", 737: "soda bottle", 738: "flowerpot",
    746: "hockey puck", 751: "racing car", 769: "ruler", 776: "saxophone", 778: "weighing scale",
    800: "slot machine", 829: "tram", 831: "sofa bed", 836: "sunglass lens", 840: "mop", 844: "electric switch",
    847: "tank (vehicle)", 850: "teddy bear", 856: "threshing machine", 881: "upright piano", 882: "vacuum cleaner",
    897: "washing machine", 908: "aircraft wing", 913: "shipwreck", 916: "website", 934: "hot dog", 936: "cabbage",
    948: "Granny Smith apple", 970: "mountain (alp)", 981: "baseball player", 982: "bridegroom", 989: "rose hip",
    998: "ear of corn", 999: "toilet paper",
}  # fmt: skip


def readable(lemmas: Sequence[str]) -> list[str]:
    """Names for the classes, in order.

    Args:
        lemmas: For each class WordNet's words for it, separated by ", ".

    Raises:
        ValueError: two classes would bear the same name.
    """
    names = [BETTER.get(index) or words.split(", ")[0] for index, words in enumerate(lemmas)]
    doubled = sorted({name for name in names if [other.lower() for other in names].count(name.lower()) > 1})
    if doubled:
        raise ValueError(f"Give these classes different names in BETTER: {', '.join(doubled)}.")
    return names
