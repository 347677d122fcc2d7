-- Few enough that memory does not grow with what changed.
fetch 4000 from changes
