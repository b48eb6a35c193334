from __future__ import annotations
import pytest
from tests.deploy.conftest import Deployer, prod
from tests.faults import FaultProxy, Schedule, Kind
from tests.local_aws import Account
import generator.deploy.aws as a
from botocore.config import Config

@pytest.mark.parametrize("seed,rate,kinds,unseen", [(1,.25,tuple(Kind),2),(2,1.0,(Kind.LOST,),0)])
def test_it(deployer: Deployer, account: Account, monkeypatch, seed, rate, kinds, unseen) -> None:
    import time
    from generator.errors import GtmError
    with FaultProxy(account.sandbox.endpoint, Schedule(seed=seed, rate=rate, kinds=kinds, in_a_row=1), unseen=unseen) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        t=time.time()
        r = deployer.deploy(prod())
        print("deploy", time.time()-t, len(r.outcomes), {o.state for o in r.outcomes})
        for o in sorted(r.outcomes,key=lambda o:o.started-o.ended)[:6]: print(o.step, round(o.ended-o.started,1))
        t=time.time()
        changed = prod(load_balancer={"algorithm": "round_robin"})
        r = deployer.deploy(changed)
        print("update", time.time()-t, len(r.outcomes), {o.state for o in r.outcomes})
        r = deployer.deploy(changed)
        assert not r.outcomes
        print(proxy.met, proxy.hidden, proxy.calls)
