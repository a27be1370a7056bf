"""What a picture's file says of itself: read at the upload, and kept in what readers are sent.

Cameras, agencies and picture editors write words into files in three ways: IPTC IIM (1991), EXIF and XMP.
`packets` finds them in a file, `iim`, `exif` and `xmp` read one of them each, `reading` settles which of
them is right, and `writing` says what a rendition carries. All of it is data from strangers: plain text,
cut to what the library holds, never HTML and never a reason to refuse a picture.
"""

from articles.metadata.reading import Words, read, reread
from articles.metadata.writing import written

__all__ = ["Words", "read", "reread", "written"]
