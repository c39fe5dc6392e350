"""A bot: from its YAML file to a call that runs."""

import os

# At debug level Pipecat's LLM services write the whole conversation into the log, and a transcript
# has no place there. The variable is read at the first answer, whichever brain gives it.
os.environ["PIPECAT_LOG_LLM_CONTEXT"] = "off"
