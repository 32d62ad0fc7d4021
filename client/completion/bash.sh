# bash completion for yankwatch                                -*- shell-script -*-
# The program knows its commands, options and names; this asks it.
_yankwatch() {
	local line current word i strip=
	local -a words=()
	COMPREPLY=()
	# bash takes "--event=yanked" for three words.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((${#words[@]})) && [[ ${words[-1]} == --* && ($word == "=" || ${COMP_WORDS[i - 1]} == "=") ]]; then
			words[-1]+=$word
		else
			words+=("$word")
		fi
	done
	current=${words[-1]}
	[[ $current == --*=* && ${COMP_WORDS[COMP_CWORD]} != "$current" ]] && strip=${current%%=*}=
	while IFS=$'\t' read -r line _; do
		if [[ $line == :files ]]; then
			compopt -o default 2>/dev/null
		else
			COMPREPLY+=("${line#"$strip"}")
		fi
	done < <("${COMP_WORDS[0]}" completion words -- "${words[@]}" 2>/dev/null)
}
complete -F _yankwatch yankwatch
