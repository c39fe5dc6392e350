"""Providers by name: a word in YAML becomes a Pipecat service.

    the table         entry, and the rows in stt, llm, tts; embedded and engines for this machine
    before a call     check and settings (the file), offers, online and vetting (the vendors)
    for a call        build, certificates, release
    services of ours  deepgram_prerecorded, gemini_live, http_tts
    documents         page

A provider is a row of the table; `build` makes its service from the row alone.
"""
