"""`offhook rehearse`: a bot's chains on emulated vendors, each of which is made to fail."""
