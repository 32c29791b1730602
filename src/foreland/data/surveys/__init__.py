"""Delphi surveys of a workspace: what is asked, in rounds, and what people answered.

::

    workspace/surveys/<id>/
      survey.json          what is asked, and which round is open; replaced whole
      participants.csv     number and hash of the link or code; no name, and no link that could be used
      answers/1.jsonl      a line each time somebody saves, in the first round; lines are only ever added
      lock                 held while one of these is written

A round that is closed is frozen: its last answers land in the workspace as a source of their own, and questions read
them there. Answers of an open round are seen by nobody but their author.
"""
