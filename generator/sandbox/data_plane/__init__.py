"""The data plane on loopback: the processes that the templates only describe, as real as here goes.

    plane        one Region: HAProxy, service processes behind it, Valkey  (what callers use)
    haproxy      stands for the Application Load Balancer: what it does alike, and what not
    runtime_api  HAProxy's socket: targets come, drain and go
    service      one service process, as on an instance
    valkey       stands for ElastiCache
    events       capacity and activities, as lines of a run's events file
    deployed     how a deployed Region configures all this
    guarded      processes that end with who started them; ports that stay free for them
    guard        the few lines that run before such a process

It uses the sandbox's AWS, or any other, by the environment that it passes on. Linux on x86-64, as
the packages of Valkey and HAProxy are.
"""
