"""Whether bytes may leave, and their way: started, resumed, stopped, noted."""
