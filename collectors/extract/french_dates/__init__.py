"""French dates, read without any library: tokens → items → expressions → resolved slots.

`vocabulary` and `tokens` name the words; `items` recognises points in time; `chains` links them
into ranges, lists and times; `resolve` gives the missing years; `calendar` knows Easter, public
holidays, school holidays and seasons; `recurrence` writes and expands RRULE.
"""
