"""Chains of providers: one pure policy, and a thin shell for each kind of service.

Read `policy` (who answers) and `breaker` (who is trusted) first; both are pure and serve all three.

    all kinds  policy, breaker, failure, probes, member, settings, events, port
    stt        stt -> listening -> bench -> ears     speech, owed, deadlines, kept, overlap,
                                                     candidates, events_in_turn
    llm        llm -> seats -> seat                  turn, continuation, seam, ending
    tts        tts -> speaking -> line, outlet       script, utterance, spoken, timing, playout

From left to right: the processor in the pipeline, what decides in it, what holds one service; then
the pure parts that these ask.
"""
