/* Code of a header, which is compiled into each of its callers. */
static inline int square(int x)
{
	int y = x * x;

	return y;
}
