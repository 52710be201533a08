"""What a Dockerfile means: images, variables, stages and which stage needs which, and how the file is built."""
