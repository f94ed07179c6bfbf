"""Which words of a command line may name data that the command reads."""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_STORES = _words("s3 s3a gs gcs az azure abfs abfss adl oss hdfs webhdfs dbfs hf")
_SUFFIXES = _words(
    """
    .arff .arrow .avi .avro .bam .bed .bz2 .csv .dat .db .dta .duckdb .edf .fasta .fastq .feather .fits .flac
    .geojson .gz .h5ad .hdf .hdf5 .jpeg .jpg .jsonl .libsvm .lmdb .mat .mp3
    .mp4 .nc .ndjson .nii .npy .npz .orc
    .parquet .png .rds .sas7bdat .sqlite .svm .tar .tfrecord .tfrecords .tgz .tif .tiff .tsv .txt .vcf .wav
    .xls .xlsx .xz .zarr .zip .zst
    """
)
#: Words in the names of options whose value is written and not read.
_WRITES = _words(
    """
    checkpoint checkpoints ckpt dest dst export figure log logs metrics model o out output outputs plot report
    result results save target
    """
)
_READS = _words(
    """
    corpus data dataset datasets dev eval images input inputs source src test testing train training val valid
    validation
    """
)
_LONGEST = 4096


class Word(NamedTuple):
    """A word that may be a path.

    Attributes:
        text: The path as typed.
        names_data: Whether the option before it speaks of data, so that a plain folder is taken for one.
    """

    text: str
    names_data: bool = False


def candidates(words: Sequence[str]) -> Iterator[Word]:
    """Words and values of options (``--data X``, ``--data=X``, ``data.path=X``) that may be inputs."""
    option = ""
    for word in words:
        name, equals, value = word.partition("=")
        if word.startswith("-") and not equals:
            option = word
            continue
        key, text = (name, value) if equals and "/" not in name else (option, word)
        option = ""
        if 0 < len(text) <= _LONGEST and not _speaks_of(_WRITES, key):
            yield Word(text, _speaks_of(_READS, key))


def plain(texts: Iterable[str]) -> Iterator[Word]:
    """Strings without an option before them."""
    for text in texts:
        if 0 < len(text) <= _LONGEST and "\n" not in text:
            yield Word(text)


def is_uri(text: str, *, declared: bool = False) -> bool:
    """Whether this names something in an object store or on another machine.

    Args:
        text: A word.
        declared: Whether its owner calls it data, so that a page on a web server is taken for data as well.
    """
    scheme, separator, rest = text.partition("://")
    if not separator or not rest or len(text) > _LONGEST:
        return False
    return scheme.lower() in _STORES or (
        scheme.lower() in ("http", "https") and (declared or looks_like_data(rest.split("?")[0]))
    )


def looks_like_data(path: str) -> bool:
    """Whether the name of a file is one that data has; models, configurations and source have others."""
    return path.lower().endswith(_SUFFIXES) and not path.lower().endswith("requirements.txt")


def _speaks_of(subjects: tuple[str, ...], option: str) -> bool:
    """Whether an option is made of words of which one is such: ``--train-data``, ``data.train_path``."""
    words = "".join(each if each.isalpha() else " " for each in option.lower()).split()
    return any(word in subjects for word in words)
