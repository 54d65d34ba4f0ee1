"""Sessions on disk: what was said and run, written as it happens, found again, and exported.

``archive`` holds the values, ``records`` their form in a file of JSON lines, ``session_file`` the file being written,
``reading`` the way back, ``store`` the folder of all of them. ``recording`` follows a session and writes.
"""
