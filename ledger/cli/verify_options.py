"""What `sonang verify` may be told on its command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE [BUNDLE]",
        exists=True,
        dir_okay=False,
        help="A sealed or issued PDF, a bundle, an evidence package, a .tlog-proof, or a PDF and what proves it.",
    ),
]
BundleOption = Annotated[bool, typer.Option("--bundle", help="Offline: from the bundle alone, without a node or a database.")]
TrustOption = Annotated[
    str | None, typer.Option(metavar="HASH", help="The block hash you trust: from your own node, a regulator, a printed page. Offline.")
]
RpcOption = Annotated[
    str | None,
    typer.Option("--rpc", metavar="URL", help="A node: asked instead of this installation's; offline only what smart accounts signed."),
]
DeploymentOption = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="The published deployment record. Default: deployments/<chain id>.json."),
]
ExportOption = Annotated[Path | None, typer.Option(dir_okay=False, help="Write the bundle that proves the answer to others.")]
RootOption = Annotated[
    list[Path] | None,
    typer.Option("--trust-root", exists=True, dir_okay=False, help="PEM with root certificates the PDF's signatures must lead to."),
]
SealedByOption = Annotated[
    str | None,
    typer.Option(
        "--sealed-by",
        metavar="CERTIFICATE",
        help="Whose seal the PDF must carry: a file with its certificate, that one's SHA-256, or only its name, which others may bear.",
    ),
]
LogKeyOption = Annotated[str | None, typer.Option("--log-key", metavar="KEY", help="The log's published key, for a .tlog-proof.")]
WitnessKeyOption = Annotated[list[str] | None, typer.Option("--witness-key", metavar="KEY", help="A witness you trust; once for each.")]
SeenOption = Annotated[
    Path | None, typer.Option("--seen", exists=True, dir_okay=False, help="A checkpoint of the log you saw before: nothing older passes.")
]
AgeOption = Annotated[
    int | None, typer.Option("--max-age", metavar="HOURS", min=1, help="How long ago a witness you trust may have cosigned a .tlog-proof.")
]
