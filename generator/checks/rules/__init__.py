"""Our own cfn-lint rules: one small file a rule, one folder a layer.

    cfn-lint -a generator/checks/rules -t template.json

An id reads E9LLn: LL is the layer's number (00 general, 01 network ... 11 schedule), n counts
within it. cfn-lint loads every file here whose name starts with a letter, so helpers start with
an underscore.
"""
