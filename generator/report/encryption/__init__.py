"""The encryption map: every store, log, queue and link of an environment, and what protects it.

It is read off the finished templates, so it says what would stand and not what was meant. Each
resource type has a reader or a reason to have none (`types`), and a reader either gives whole rows
or raises Unreadable: what the map does not show is a gap, and a build with gaps fails.

Two rules make a row whole. What is under no key of the platform's, under one that does not rotate,
or comes over a link without TLS, needs a reason: the service's own limit, said here, or one in the
resource's Metadata (`Draft.explain`). And what a resource refers to has to be found.
"""

from generator.report.encryption.chart import Chart, Gap, read
from generator.report.encryption.page import FILE_NAME, page, tables

__all__ = ["FILE_NAME", "Chart", "Gap", "page", "read", "tables"]
