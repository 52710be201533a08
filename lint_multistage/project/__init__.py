"""How a repository builds its Dockerfiles: who asks for which stage."""
