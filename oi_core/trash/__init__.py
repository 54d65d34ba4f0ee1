"""The trash: where files that code deletes in the project go while the setting ``trash`` is on, and the way back.

:mod:`~oi_core.trash.moving` runs inside language processes and takes the place of what deletes there;
:mod:`~oi_core.trash.folder` is the trash as the session sees it; :mod:`~oi_core.trash.command` is ``/undo-delete``.
"""
