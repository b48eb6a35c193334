"""For those who load with JMeter: a profile as its test plan, and its results as a run of ours.

    profile ──► crowds (shape → thread groups) ──► plan (.jmx) ──► JMeter ──► results (.jtl)
    results ──► samples (CSV or XML) ──► transactions ──► recording ──► the folder of a run

Plans open in JMeter 2.13, which Debian has, and in 5.x. What JMeter measures as latency includes
connecting, where a connection is made.
"""
