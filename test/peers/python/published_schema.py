"""Prints the vSphere API's types and calls as pyVmomi publishes them, as one JSON object:

{"types": {name: {"base": name, "fields": [field]}}, "operations": {name: {"parameters": [field], "answer": field}}}
field: {"name", "type", "repeats", "optional", "since"}; a reference is "moref", an enumeration "string".
"""

import datetime
import json
import sys

from pyVmomi import VmomiSupport as support

PLAIN = {
    bool: "boolean",
    int: "int",
    support.long: "long",
    support.short: "short",
    support.byte: "byte",
    float: "float",
    support.double: "double",
    support.binary: "base64",
    str: "string",
    support.URI: "string",
    support.PropertyPath: "string",
    type: "string",
    support.ManagedMethod: "string",
    datetime.datetime: "dateTime",
    object: "anyType",
}
ENTRY = {version: name.split("/")[1] for name, version in support.versionMap.items() if name.startswith("vim25/")}


def type_name(kind):
    if kind in PLAIN:
        return PLAIN[kind]
    if issubclass(kind, support.ManagedObject):
        return "moref"
    if issubclass(kind, support.DataObject):
        return support.GetWsdlName(kind)
    return "string"


def field(name, kind, flags, version):
    repeats = issubclass(kind, support.Array)
    described = {
        "name": name,
        "type": type_name(kind.Item if repeats else kind),
        "repeats": repeats,
        "optional": bool(flags & support.F_OPTIONAL),
    }
    if version in ENTRY:
        described["since"] = ENTRY[version]
    return described


def data_type(kind):
    return {
        "base": support.GetWsdlName(kind.__bases__[0]),
        "fields": [field(p.name, p.type, p.flags, p.version) for p in kind._GetPropertyList(False)],
    }


def operation(method):
    described = {"parameters": [field(p.name, p.type, p.flags, p.version) for p in method.params]}
    kind = method.result
    if kind is not type(None):
        described["answer"] = field("returnval", kind, method.resultFlags, method.version)
    return described


def main():
    names = set()
    types = {}
    operations = {}
    for namespace, name in list(support._wsdlDefMap):
        if namespace == "urn:vim25":
            names.add(name)
    for name in sorted(names):
        kind = support.GetWsdlType("urn:vim25", name)
        if isinstance(kind, type) and issubclass(kind, support.DataObject) and kind is not support.DataObject:
            types[name] = data_type(kind)
        elif isinstance(kind, type) and issubclass(kind, support.ManagedObject):
            for method in kind._GetMethodList():
                operations[method.wsdlName] = operation(method)
    json.dump({"types": types, "operations": operations}, sys.stdout)


main()
