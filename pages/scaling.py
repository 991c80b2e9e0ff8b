"""Scaling: how far can it grow, on which new platform, when do we stop?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache
from pages.parts.language import t
from pages.parts.scaling.scaling_launch import launch_view
from pages.parts.scaling.scaling_referral import referral_view
from pages.parts.scaling.scaling_repeat import repeat_view
from pages.parts.scaling.scaling_room import room_view
from pages.parts.scaling.scaling_views import scaling_title, scaling_view
from pages.parts.widgets import empty_state, footer, title

if cache.ledger().passport().files == 0:
    title(t("How far can it grow?"))
    empty_state(t("Nothing to scale yet"), t("Upload campaign reports and your lead list first."))
    st.stop()

head = st.container()
view = scaling_view()
with head:
    title(scaling_title(view))
if view == "launch":
    launch_view()
elif view == "referral":
    referral_view()
elif view == "repeat":
    repeat_view()
else:
    room_view()
footer()
