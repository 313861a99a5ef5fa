"""Our own faults and the user's, as a tree. What the web does wrong is no error but an Outcome (core.model).

CrawlerError                the message says what to do; the command line prints it and exits 2
├── ConfigError             config.toml: an unknown key, a value that can't be meant
├── SourceError             a source that can't be read: missing, no permission, binary
├── DatabaseError           not a database of ours, a newer schema, no permission
├── ReaderFault             our reader of documents made a mistake
├── QueryError              a question that can't be answered: unknown name, wrong SQL, a piece nobody knows
├── RunLocked               another run holds the database (exit 3)
├── EvidenceError           evidence that can't be read or written
├── CassetteError           a cassette that can't be read or written
│   └── CassetteMiss        a request that was not recorded; never to be taken for a dead link
├── OutputError             a file that can't be written
└── MissingExtra            a library of an extra that is not installed
"""


class CrawlerError(Exception):
    """Something we or the user did wrong; the message says what to do about it."""


class ConfigError(CrawlerError):
    """The configuration can't be meant as it stands."""


class SourceError(CrawlerError):
    """A source can't be read."""


class DatabaseError(CrawlerError):
    """The database can't be used as it stands."""


class ReaderFault(CrawlerError):  # noqa: N818 - a fault is what the run counts it as
    """Our reader of documents made a mistake."""


class QueryError(CrawlerError):
    """A question can't be answered as it was put."""


class RunLocked(CrawlerError):  # noqa: N818 - it is a state of the world, and reads so where it is raised
    """Another run is at work on this database."""


class EvidenceError(CrawlerError):
    """Evidence can't be read or written."""


class CassetteError(CrawlerError):
    """A cassette can't be read or written."""


class CassetteMiss(CassetteError):  # noqa: N818 - a miss is what it is called at every tape recorder
    """A replay was asked for an exchange that its cassette doesn't hold."""


class OutputError(CrawlerError):
    """What a command made can't be written where it should go."""


class MissingExtra(CrawlerError):  # noqa: N818 - it says what is missing
    """What was asked for needs a library that is not installed."""
