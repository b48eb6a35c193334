"""Our own cfn-lint rules, one small file a rule, a folder a layer: `cfn-lint -a generator/checks/rules`.

An id reads E9LLn: LL is the layer's number (00 general, 01 network ... 11 schedule), n counts within it.
cfn-lint loads every file here whose name starts with a letter or a digit, so helpers start with `_`.
"""
