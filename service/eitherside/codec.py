"""placeholder"""


class Codec: ...
