"""One window a home: a second Whisker hands its files to the first, which comes to the front, and leaves.

A lock on a file in the home says who is first. The system lets go of it with the process, however that ends, so it is
never stale. Beside it lies the socket (on Windows a named pipe) at which the first takes files, for its own user
alone. Other homes have other locks and sockets: two users, or two homes of one, do not meet.
"""
