"""What Windows shows of the program under Properties, Details."""

from __future__ import annotations

import re

from contents import VERSION

TEMPLATE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable('040904B0', [
      StringStruct('CompanyName', 'The Whisker authors'),
      StringStruct('FileDescription', 'Whisker'),
      StringStruct('FileVersion', '{version}'),
      StringStruct('InternalName', 'whisker'),
      StringStruct('LegalCopyright', 'MIT licence'),
      StringStruct('OriginalFilename', '{file}'),
      StringStruct('ProductName', 'Whisker'),
      StringStruct('ProductVersion', '{version}')])]),
    VarFileInfo([VarStruct('Translation', [1033, 1200])])
  ]
)
"""


def version_resource(file: str) -> str:
    """The text that PyInstaller makes a version resource from.

    Args:
        file: The program's file name.
    """
    numbers = [int(number) for number in re.findall(r"\d+", VERSION)[:3]]
    return TEMPLATE.format(numbers=tuple([*numbers, 0, 0, 0, 0][:4]), version=VERSION, file=file)
