#compdef yankwatch
# The program knows its commands, options and names; this asks it.
_yankwatch() {
	local line
	local -a lines candidates
	lines=("${(@f)$("$words[1]" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	if [[ $lines[1] == :files ]]; then
		_files
		return
	fi
	for line in $lines; do
		candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
	done
	_describe yankwatch candidates
}
if [[ $funcstack[1] == _yankwatch ]]; then
	_yankwatch "$@"
else
	compdef _yankwatch yankwatch
fi
