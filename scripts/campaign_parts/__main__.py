"""`python -m campaign_parts`. The program is a module of its own, so that its processes find it."""

import sys

from campaign_parts.campaign import main

sys.exit(main())
