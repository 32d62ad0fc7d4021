# SPDX-License-Identifier: Apache-2.0
"""Cargo.lock read by Python's own TOML, and the same packages written as `cargo metadata` and CycloneDX write them."""

import json
import tomllib
import urllib.parse

CRATES_IO = "https://index.crates.io/"
CRATES_IO_SOURCE = "registry+https://github.com/rust-lang/crates.io-index"


def origin_of(source):
    kinds = {"": "workspace", "registry": "registry", "sparse": "registry", "git": "git", "path": "path"}
    return kinds.get(source.partition("+")[0], "other")


def read(text):
    """Its packages: name, version, source, checksum, origin, and the indices of those that each depends on."""
    tree = tomllib.loads(text)
    tables = ([tree["root"]] if "root" in tree else []) + tree.get("package", [])
    packages = []
    for table in tables:
        key = f"checksum {table['name']} {table['version']} ({table.get('source')})"
        checksum = table.get("checksum") or tree.get("metadata", {}).get(key, "")
        packages.append({"name": table["name"], "version": table["version"], "source": table.get("source", ""),
                         "checksum": checksum, "origin": origin_of(table.get("source", ""))})
    for package, table in zip(packages, tables):
        package["edges"] = list(dict.fromkeys(i for text in table.get("dependencies", []) for i in meant(packages, text)))
    return packages


def meant(packages, text):
    name, version, source = (text.split(" ") + [None, None])[:3]
    plain = lambda source: source.partition("#")[0]
    found = [i for i, package in enumerate(packages) if package["name"] == name
             and version in (None, package["version"]) and (source is None or plain(source[1:-1]) == plain(package["source"]))]
    local = [i for i in found if not packages[i]["source"]]
    return local[:1] if version and not source and local else found


def id_of(package):
    return f"{package['source'] or 'path+file:///src/' + package['name']}#{package['name']}@{package['version']}"


def as_metadata(packages):
    """Each demands exactly what it has."""
    def manifest(package):
        demands = [{"name": packages[i]["name"], "source": packages[i]["source"] or None,
                    "req": "=" + packages[i]["version"].partition("+")[0], "kind": None, "rename": None}
                   for i in package["edges"]]
        return {"name": package["name"], "version": package["version"], "id": id_of(package),
                "source": package["source"] or None, "dependencies": demands, "features": {"default": []}, "targets": []}

    nodes = [{"id": id_of(package), "dependencies": [id_of(packages[i]) for i in package["edges"]], "deps": []}
             for package in packages]
    members = [id_of(package) for package in packages if not package["source"]]
    return json.dumps({"packages": [manifest(package) for package in packages], "workspace_members": members,
                       "resolve": {"nodes": nodes, "root": None}, "version": 1, "workspace_root": "/src"})


def purl_of(package):
    source, qualifier = package["source"], ""
    if package["origin"] == "workspace":
        qualifier = "?download_url=file:///src/" + package["name"]
    elif package["origin"] == "git":
        qualifier = "?vcs_url=" + urllib.parse.quote(source, safe="")
    elif source != CRATES_IO_SOURCE:
        qualifier = "?repository_url=" + urllib.parse.quote(source.partition("+")[2], safe="")
    return f"pkg:cargo/{package['name']}@{urllib.parse.quote(package['version'])}{qualifier}"


def as_cyclonedx(packages, version="1.5"):
    def component(package):
        hashes = {"hashes": [{"alg": "SHA-1", "content": "00"}, {"alg": "SHA-256", "content": package["checksum"]}]}
        return {"type": "library", "bom-ref": id_of(package), "name": package["name"], "version": package["version"],
                "purl": purl_of(package)} | (hashes if package["checksum"] else {})

    dependencies = [{"ref": id_of(package), "dependsOn": [id_of(packages[i]) for i in package["edges"]]}
                    for package in packages]
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": version, "version": 1,
                       "components": [component(package) for package in packages], "dependencies": dependencies}, indent=1)
