"""What `offhook doctor` looks at, one file a subject."""
